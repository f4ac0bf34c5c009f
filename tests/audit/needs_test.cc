// What the ELF facts and the list of known objects make of an object, by kernel-semantics' rules 19 to 22.
#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "audit/cases.h"

namespace revdep::audit {
namespace {

using elf::ExecutableStack;

std::function<void(Subject&)> relocated() {
  return [](Subject& subject) { subject.hazards.text_relocations = true; };
}

std::function<void(Subject&)> with_stack(ExecutableStack stack, std::uint16_t machine = EM_X86_64) {
  return [=](Subject& subject) {
    subject.hazards.stack = stack;
    subject.abi.machine = machine;
  };
}

const std::string mend = " -> revdep-pax -m --suggest FILE";

TEST(RuleNeedsMarking, TellsWhatTheElfFactsShow) {
  const std::string relocations = "warning: m is needed: it has text relocations";
  const std::string reach = "; 1 executable loads it";
  const std::string stack = "warning: m is needed: the loader has to make the stack executable for it";
  const std::string unstated = "warning: m is needed: it has no PT_GNU_STACK, so the loader makes the stack executable";
  const std::string trampolines = " is needed: its stack is to be executable, for trampolines";
  expect_findings(
      check_needs_marking,
      {
          {"text relocations of a program", "", program({}, relocated()), {relocations + mend}},
          {"of a library", "", library({}, relocated()), {relocations + reach + mend}},
          {"none", "", library(), {}},
          {"a W+X segment",
           "",
           program({}, [](Subject& subject) { subject.hazards.writable_executable_segment = true; }),
           {"warning: m is needed: one of its segments is writable and executable" + mend}},
          {"both",
           "",
           program({},
                   [](Subject& subject) {
                     subject.hazards = {true, true, ExecutableStack::no};
                   }),
           {relocations + "; one of its segments is writable and executable" + mend}},
          {"a library's stack", "", library({}, with_stack(ExecutableStack::yes)), {stack + reach + mend}},
          {"unstated", "", library({}, with_stack(ExecutableStack::unstated)), {unstated + reach + mend}},
          {"unstated on i386",
           "",
           library({}, with_stack(ExecutableStack::unstated, EM_386)),
           {unstated + reach + mend}},
          {"unstated elsewhere", "", library({}, with_stack(ExecutableStack::unstated, EM_AARCH64)), {}},
          {"said elsewhere", "", library({}, with_stack(ExecutableStack::yes, EM_AARCH64)), {stack + reach + mend}},
          {"a program's stack", "", program({}, with_stack(ExecutableStack::yes)), {"warning: E" + trampolines + mend}},
          {"without EMUTRAMP",
           "emutramp=no",
           program({}, with_stack(ExecutableStack::yes)),
           {"warning: m" + trampolines + mend}},
          {"a program's, unstated", "", program({}, with_stack(ExecutableStack::unstated)), {}},
          {"a program that is a library",
           "",
           library({},
                   [](Subject& subject) {
                     subject.executable = true;
                     subject.hazards.stack = ExecutableStack::yes;
                   }),
           {stack + reach + mend}},
          {"neither",
           "",
           program({},
                   [](Subject& subject) {
                     subject.executable = false;
                     subject.hazards = {true, true, ExecutableStack::yes};
                   }),
           {}},
      });
}

TEST(RuleNeedsMarking, LeavesOutWhatIsSaidOrGranted) {
  const std::string program_needs = "warning: m is needed: it has text relocations" + mend;
  const std::string library_needs = "warning: m is needed: it has text relocations; 1 executable loads it" + mend;
  expect_findings(
      check_needs_marking,
      {
          {"carried", "", library(xattr_only("em"), relocated()), {}},
          {"carried in the header", "", library(header_only(header("em")), relocated()), {}},
          {"denied", "", library(xattr_only("M"), relocated()), {}},
          {"another letter is carried", "", library(xattr_only("er"), relocated()), {library_needs}},
          {"void", "", library(xattr_only("m?"), relocated()), {library_needs}},
          {"asked of a program",
           "",
           program({},
                   [](Subject& subject) {
                     relocated()(subject);
                     ask(subject, "m");
                   }),
           {}},
          {"soft mode grants it to a program", "softmode=yes", program({}, relocated()), {}},
          {"a library has to say it all the same", "softmode=yes", library({}, relocated()), {library_needs}},
          {"granted by EI_PAX", "ei=yes", program({std::nullopt, std::nullopt, 4}, relocated()), {}},
          {"EI_PAX is not read", "", program({std::nullopt, std::nullopt, 4}, relocated()), {program_needs}},
          {"no MPROTECT", "mprotect=no", library({}, relocated()), {}},
          {"refused comes first", "", program(xattr_only("p"), relocated()), {}},
          {"refused comes first for a library that is run, too",
           "",
           library(xattr_only("p"),
                   [](Subject& subject) {
                     relocated()(subject);
                     subject.executable = true;
                   }),
           {}},
          {"E by accident is granted", "", program(xattr_only("m"), with_stack(ExecutableStack::yes)), {}},
          {"e is an admin's word", "", program(xattr_only("em"), with_stack(ExecutableStack::yes)), {}},
          {"but for the old toolchain's",
           "",
           program(header_only(0x2800), with_stack(ExecutableStack::yes)),
           {"warning: E is needed: its stack is to be executable, for trampolines" + mend}},
      });
}

TEST(RuleNeedsMarking, TellsWhatTheListOfKnownObjectsSays) {
  const Known jit = {"liborc*", asking("m"), asking("m"), "2026-11", "compiles at run time"};
  const Known ffi = {"libffi*", asking("E"), asking("m"), "2026-11", "trampolines"};
  const Known without = {"libpcre*", {}, {}, "2026-11", "falls back"};
  const Known wine = {"/usr/bin/wine", asking("pmrs"), asking("pmrs"), "2026-11", "maps where it likes"};
  const auto is = [](const Known& known) { return [&known](Subject& subject) { subject.known = &known; }; };
  const std::string reach = "; 1 executable loads it";
  expect_findings(check_needs_marking,
                  {
                      {"a library",
                       "",
                       library({}, is(jit)),
                       {"warning: m is needed: compiles at run time (2026-11)" + reach + mend}},
                      {"carried", "", library(xattr_only("em"), is(jit)), {}},
                      {"E", "", library({}, is(ffi)), {"warning: E is needed: trampolines (2026-11)" + reach + mend}},
                      {"m instead",
                       "emutramp=no",
                       library({}, is(ffi)),
                       {"warning: m is needed: trampolines (2026-11)" + reach + mend}},
                      {"known to do without", "", library({}, is(without)), {}},
                      {"which relocates no text",
                       "",
                       library({},
                               [&](Subject& subject) {
                                 subject.known = &without;
                                 subject.hazards.text_relocations = true;
                               }),
                       {"warning: m is needed: it has text relocations" + reach + mend}},
                      {"only what is missing",
                       "",
                       program(xattr_only("er"), is(wine)),
                       {"warning: pm is needed: maps where it likes (2026-11)" + mend}},
                  });
}

TEST(RuleNeedsMarking, IsMendedOnlyWhereAStoreCanBe) {
  const auto findings = find(check_needs_marking, under(""), library({}, [](Subject& subject) {
                               relocated()(subject);
                               subject.holds_xattrs = false;
                             }));
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(spell_mend(findings[0].mend), "none");
}

TEST(RuleNeedsMarking, IsNotMendedWhereEditsMakeNoXattr) {
  Context context = under("");
  context.creates_xattr = false;
  const auto mend_of = [&](pax::Stores stores) {
    return spell_mend(find(check_needs_marking, context, library(std::move(stores), relocated())).at(0).mend);
  };
  EXPECT_EQ(mend_of({}), "none");
  EXPECT_EQ(mend_of(header_only(0x2800)), "revdep-pax -m --suggest FILE");
}

TEST(Suggest, JoinsTheEvidenceOfWhatIsMissing) {
  const Known known = {"x", asking("Em"), asking("m"), "2026-11", "a JIT"};
  const Subject subject = library(xattr_only("m"), [&](Subject& made) {
    made.hazards = {true, false, ExecutableStack::yes};
    made.known = &known;
  });
  const Suggestion suggestion = suggest(under(""), subject);
  EXPECT_EQ(suggestion.flags, asking("E"));
  EXPECT_EQ(suggestion.evidence, "a JIT (2026-11)");
}

}  // namespace
}  // namespace revdep::audit
