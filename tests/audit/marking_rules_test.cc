// The rules that look at what a file itself carries: one table each, with what fires and what nearly does.
// The verdicts behind them are those of kernel-semantics' vectors; a kernel is amd64 with all features, hard mode and both
// stores unless the row says otherwise.
#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "audit/cases.h"

namespace revdep::audit {
namespace {

using namespace std::string_literals;

void make_i386(Subject& subject) { subject.abi = {EM_386, elf::Class::elf32, elf::ByteOrder::little}; }

TEST(RuleRefused, TellsWhatContradictsAndTheLeastThatMends) {
  expect_findings(
      check_refused,
      {
          {"default header and em",
           "",
           program(both("em", 0x2800)),
           {"error: header says e, xattr says em; the kernel refuses to run it: header and xattr disagree: PeMRs and "
            "PemRs"
            " -> revdep-pax --sync FILE"}},
          {"in step", "", program(both("em", header("em"))), {}},
          {"only one is read", "header=no", program(both("em", 0x2800)), {}},
          {"differ in S only", "", program(both("em", header("ems"))), {}},
          {"S counts where there is SEGMEXEC",
           "segmexec=yes",
           program(both("em", header("ems")), make_i386),
           {"error: header says ems, xattr says em; the kernel refuses to run it: header and xattr disagree: PemRs and "
            "PemRS"
            " -> revdep-pax --sync FILE"}},
          {"p alone",
           "",
           program(xattr_only("p")),
           {"error: xattr says p; the kernel refuses to run it: EMUTRAMP and MPROTECT need PAGEEXEC or SEGMEXEC"
            " -> revdep-pax --set pem FILE"}},
          {"pem", "", program(xattr_only("pem")), {}},
          {"p where S remains", "segmexec=yes", program(xattr_only("p"), make_i386), {}},
          {"pE",
           "mprotect=no",
           program(xattr_only("pE")),
           {"error: xattr says pE; the kernel refuses to run it: EMUTRAMP needs PAGEEXEC or SEGMEXEC"
            " -> revdep-pax --set pe FILE"}},
          {"pm without EMUTRAMP", "emutramp=no", program(xattr_only("pm")), {}},
          {"p without EMUTRAMP",
           "emutramp=no",
           program(xattr_only("p")),
           {"error: xattr says p; the kernel refuses to run it: MPROTECT needs PAGEEXEC or SEGMEXEC"
            " -> revdep-pax --set pm FILE"}},
          {"M without P in soft mode: taken back, not turned round",
           "softmode=yes",
           program(xattr_only("eM")),
           {"error: xattr says eM; the kernel refuses to run it: MPROTECT needs PAGEEXEC or SEGMEXEC"
            " -> revdep-pax --clear FILE"}},
          {"the xattr's letters would be refused too",
           "",
           program(both("p", 0x2800)),
           {"error: header says e, xattr says p; the kernel refuses to run it: header and xattr disagree: PeMRs and "
            "pEMRs"
            " -> revdep-pax --set pem FILE"}},
          {"a library is not run", "", library(xattr_only("p")), {}},
          {"one that is run is",
           "",
           library(xattr_only("p"), [](Subject& subject) { subject.executable = true; }),
           {"error: xattr says p; the kernel refuses to run it: EMUTRAMP and MPROTECT need PAGEEXEC or SEGMEXEC"
            " -> revdep-pax --set pem FILE"}},
      });
}

TEST(RuleRefused, GroupsByTheReasonAndShowsTheMarking) {
  const auto findings = find(check_refused, under(""), program(both("em", 0x2800)));
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].cause, "header and xattr disagree: PeMRs and PemRs");
  EXPECT_EQ(findings[0].verdict, "refused");
  EXPECT_EQ(findings[0].stores, both("em", 0x2800));
}

TEST(RuleVoidMarking, ShowsTheBytesAndWhatWasProbablyMeant) {
  expect_findings(
      check_void_marking,
      {
          {"a newline",
           "",
           program(xattr_only("em\n")),
           {R"(error: its xattr "em\x0a" is malformed, so the kernel ignores it; em was probably meant)"
            " -> revdep-pax --set em FILE"}},
          {"columns",
           "",
           program(xattr_only("-em--"s)),
           {"error: its xattr \"-em--\" is malformed, so the kernel ignores it; em was probably meant"
            " -> revdep-pax --set em FILE"}},
          {"any order", "", program(xattr_only("me")), {}},
          {"empty is valid", "", program(xattr_only("")), {}},
          {"none", "", program(), {}},
          {"twice is once, and a filler is added",
           "",
           library(xattr_only("mm")),
           {"error: its xattr \"mm\" is malformed, so the kernel ignores it; m was probably meant"
            " -> revdep-pax --set em FILE"}},
          {"both cases say nothing",
           "",
           program(xattr_only("mMr")),
           {"error: its xattr \"mMr\" is malformed, so the kernel ignores it; r was probably meant"
            " -> revdep-pax --set er FILE"}},
          {"a byte that is no ASCII, a NUL, cut",
           "",
           program(xattr_only("m\xff\\\0  "s)),
           {R"(error: its xattr "m\xff\x5c\x00  ..." is malformed, so the kernel ignores it; m was probably meant)"
            " -> revdep-pax --set em FILE"}},
          {"nothing can be made of it",
           "",
           program(xattr_only("?")),
           {"error: its xattr \"?\" is malformed, so the kernel ignores it -> revdep-pax --clear FILE"}},
          {"the guess would be refused",
           "",
           program(xattr_only("p-")),
           {"error: its xattr \"p-\" is malformed, so the kernel ignores it; p was probably meant"
            " -> revdep-pax --clear FILE"}},
          {"both bits of M",
           "",
           program(header_only(header("er") | 0x300U)),
           {"error: its header 0xa300 switches M both on and off, so the kernel ignores it; er was probably meant"
            " -> revdep-pax --set er FILE"}},
          {"both bits of RANDEXEC mean nothing", "", program(header_only(0x2c00)), {}},
          {"the other store is valid",
           "",
           library(both("x", header("em"))),
           {"error: its xattr \"x\" is malformed, so the kernel ignores it; the header says em"
            " -> revdep-pax --sync FILE"}},
          {"the valid one decides",
           "",
           program(both("em", 0x30)),
           {"error: its header 0x30 switches P both on and off, so the kernel ignores it; the xattr says em"
            " -> revdep-pax --sync FILE"}},
          {"the valid one is refused",
           "",
           program(both("p", 0x30)),
           {"error: its header 0x30 switches P both on and off, so the kernel ignores it; the xattr says p"
            " -> revdep-pax --set pem FILE"}},
          {"both void",
           "",
           program(both("m ", 0x30)),
           {"error: its xattr \"m \" is malformed, and its header 0x30 switches P both on and off, so the kernel "
            "ignores"
            " it; m was probably meant -> revdep-pax --set em FILE"}},
          {"neither run nor loaded",
           "",
           program(xattr_only("?"), [](Subject& subject) { subject.executable = false; }),
           {}},
      });
}

TEST(RuleUnjustified, TellsWhatNothingAccountsFor) {
  const auto privileged = [](Subject& subject) { subject.privileged = true; };
  expect_findings(
      check_unjustified,
      {
          {"m",
           "",
           program(xattr_only("em")),
           {"warning: its own marking says m, and nothing known asks for it -> revdep-pax --clear FILE"}},
          {"privileged",
           "",
           program(xattr_only("em"), privileged),
           {"error: its own marking says m, and nothing known asks for it; it is privileged -> revdep-pax --clear "
            "FILE"}},
          {"asked", "", program(xattr_only("em"), [](Subject& subject) { subject.asked = asking("m"); }), {}},
          {"explained", "", program(xattr_only("em"), [](Subject& subject) { subject.explained = asking("m"); }), {}},
          {"text relocations",
           "",
           program(xattr_only("em"), [](Subject& subject) { subject.hazards.text_relocations = true; }),
           {}},
          {"stale is told elsewhere",
           "",
           program(xattr_only("em"), [](Subject& subject) { subject.stale = asking("m"); }),
           {}},
          {"nothing relaxed", "", program(xattr_only("ePMR")), {}},
          {"the old toolchain's header", "", program(header_only(0x2800)), {}},
          {"the rest stays",
           "",
           program(xattr_only("PemrS"), [](Subject& subject) { subject.asked = asking("m"); }),
           {"warning: its own marking says r, and nothing known asks for it -> revdep-pax --set PemS FILE"}},
          {"p brings m", "", program(xattr_only("pem"), [](Subject& subject) { subject.asked = asking("p"); }), {}},
          {"m does not bring p",
           "",
           program(xattr_only("pem"), [](Subject& subject) { subject.asked = asking("m"); }),
           {"warning: its own marking says p, and nothing known asks for it -> revdep-pax --set em FILE"}},
          {"p brings no m where S remains",
           "segmexec=yes",
           program(xattr_only("pem"), [](Subject& subject) { subject.asked = asking("p"); }),
           {"warning: its own marking says m, and nothing known asks for it -> revdep-pax --set pe FILE"}},
          {"no feature of the kernel", "", program(xattr_only("es")), {}},
          {"a feature of the kernel",
           "segmexec=yes",
           program(xattr_only("es")),
           {"warning: its own marking says s, and nothing known asks for it -> revdep-pax --clear FILE"}},
          {"E is turned round, not merely taken away",
           "",
           program(xattr_only("Em"), [](Subject& subject) { subject.asked = asking("m"); }),
           {"warning: its own marking says E, and nothing known asks for it -> revdep-pax --set em FILE"}},
          {"E for trampolines",
           "",
           program(xattr_only("E"), [](Subject& subject) { subject.hazards.stack = elf::ExecutableStack::yes; }),
           {}},
          {"what is left does not switch EMUTRAMP on",
           "",
           program(xattr_only("mr"), [](Subject& subject) { subject.asked = asking("m"); }),
           {"warning: its own marking says r, and nothing known asks for it -> revdep-pax --set em FILE"}},
          {"nor switches it off where it is wanted",
           "",
           program(xattr_only("mr"), [](Subject& subject) { subject.asked = asking("Em"); }),
           {"warning: its own marking says r, and nothing known asks for it -> revdep-pax --set m FILE"}},
          {"where S comes back p brings no m",
           "segmexec=yes",
           program(xattr_only("pems"), [](Subject& subject) { subject.asked = asking("p"); }),
           {"warning: its own marking says ms, and nothing known asks for it -> revdep-pax --set pe FILE"}},
          {"what is left would be refused in soft mode",
           "",
           program(xattr_only("eMr"), [](Subject&) {}),
           {"warning: its own marking says r, and nothing known asks for it -> none"}},
          {"refused", "", program(xattr_only("p")), {}},
          {"void", "", program(xattr_only("m-")), {}},
          {"a library's is what it asks", "", library(xattr_only("em")), {}},
          {"of a library that is run nothing is taken",
           "",
           library(xattr_only("em"), [](Subject& subject) { subject.executable = true; }),
           {"warning: its own marking says m, and nothing known asks for it -> none"}},
      });
}

TEST(RuleUnjustified, TheListOfKnownObjectsAccountsForItsFlags) {
  const Known node = {"libnode.so.*", asking("E"), asking("m"), "2026-11", "trampolines"};
  const auto known = [&](Subject& subject) { subject.known = &node; };
  expect_findings(check_unjustified,
                  {
                      {"with EMUTRAMP", "", program(xattr_only("E"), known), {}},
                      {"without", "emutramp=no", program(xattr_only("m"), known), {}},
                      {"the other",
                       "",
                       program(xattr_only("em"), known),
                       {"warning: its own marking says m, and nothing known asks for it -> revdep-pax --clear FILE"}},
                  });
}

TEST(RuleEmutrampByAccident, TellsOfAMarkingWithoutE) {
  const auto asks_m = [](Subject& subject) { subject.asked = asking("m"); };
  const auto mend = [](const std::string& letters, const std::string& command) {
    return "warning: its own marking says " + letters +
           " and no e, which switches EMUTRAMP on; nothing asks for that -> revdep-pax " + command + " FILE";
  };
  expect_findings(
      check_emutramp_by_accident,
      {
          {"m", "", program(xattr_only("m"), asks_m), {mend("m", "--set em")}},
          {"em", "", program(xattr_only("em"), asks_m), {}},
          {"an empty xattr", "", program(xattr_only("")), {mend("nothing", "--clear")}},
          {"a header of 0", "", program(header_only(0)), {mend("nothing", "--clear")}},
          {"no marking", "", program(), {}},
          {"a void one", "", program(xattr_only("m-")), {}},
          {"E", "", program(xattr_only("Em"), asks_m), {}},
          {"asked", "", program(xattr_only("m"), [](Subject& subject) { subject.asked = asking("Em"); }), {}},
          {"explained", "", program(xattr_only("m"), [](Subject& subject) { subject.explained = asking("E"); }), {}},
          {"trampolines",
           "",
           program(xattr_only("m"), [](Subject& subject) { subject.hazards.stack = elf::ExecutableStack::yes; }),
           {}},
          {"soft mode", "softmode=yes", program(xattr_only("m"), asks_m), {}},
          {"no EMUTRAMP", "emutramp=no", program(xattr_only("m"), asks_m), {}},
          {"old kernels ignore an empty one", "up_to_3_11=yes", program(xattr_only("")), {}},
          {"not read", "xattr=no", program(xattr_only("m"), asks_m), {}},
          {"refused", "", program(xattr_only("p")), {}},
          {"together with what is unjustified", "", program(xattr_only("mr"), asks_m), {mend("mr", "--set em")}},
          {"what is stale is not made an admin's word",
           "",
           program(xattr_only("mr"),
                   [](Subject& subject) {
                     subject.asked = asking("r");
                     subject.stale = asking("m");
                   }),
           {mend("mr", "--set er")}},
          {"with e it has to be complete",
           "xattr=no",
           program(both("p", 0), [](Subject& subject) { subject.asked = asking("p"); }),
           {mend("p", "--set pem")}},
          {"of a library that is run no letter is taken",
           "",
           library(xattr_only("m"), [](Subject& subject) { subject.executable = true; }),
           {mend("m", "--set em")}},
          {"a library", "", library(xattr_only("m")), {}},
      });
}

TEST(RuleStoreMismatch, TellsOfLibrariesWhoseStoresDiffer) {
  expect_findings(
      check_store_mismatch,
      {
          {"em and the default",
           "",
           library(both("em", 0x2800)),
           {"warning: header says e, xattr says em, so tools disagree on what it asks for -> revdep-pax --sync FILE"}},
          {"same", "", library(both("em", header("em"))), {}},
          {"same but for bits without meaning", "", library(both("e", 0x2800)), {}},
          {"one is void", "", library(both("em-", 0x2800)), {}},
          {"one store", "", library(xattr_only("em")), {}},
          {"in step a kernel would refuse it",
           "",
           library(both("p", 0x2800)),
           {"warning: header says e, xattr says p, so tools disagree on what it asks for -> revdep-pax --set pem "
            "FILE"}},
          {"a program", "", program(both("em", header("ems"))), {}},
          {"refused as a program",
           "",
           library(both("em", 0x2800), [](Subject& subject) { subject.executable = true; }),
           {}},
      });
}

TEST(RuleLegacyEiPax, TellsTheByteAndWhetherItCounts) {
  const auto byte = [](pax::Stores stores) {
    stores.ei_pax = 0x0c;
    return stores;
  };
  const std::string says = "note: its EI_PAX byte is 0x0c and says mr, ";
  expect_findings(
      check_legacy_ei_pax,
      {
          {"not read", "", program(byte({})), {says + "which the kernel does not read -> none"}},
          {"read", "ei=yes", program(byte({})), {says + "by which the kernel goes -> none"}},
          {"overridden", "ei=yes", library(byte(xattr_only("e"))), {says + "which a marking overrides -> none"}},
          {"a void one overrides nothing",
           "ei=yes",
           program(byte(xattr_only("?"))),
           {says + "by which the kernel goes -> none"}},
          {"soft mode",
           "ei=yes,softmode=yes",
           program(byte({})),
           {says + "which the kernel ignores in soft mode -> none"}},
          {"0", "ei=yes", program(), {}},
      });
}

}  // namespace
}  // namespace revdep::audit
