// The rules that compare what is asked of a file with what it is granted: one table each, with what fires and what nearly
// does. A kernel is amd64 with all features, hard mode and both stores unless the row says otherwise.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "audit/cases.h"

namespace revdep::audit {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

std::function<void(Subject&)> asked(const std::string& letters) {
  return [letters](Subject& subject) { ask(subject, letters); };
}

TEST(RuleUnmetRequirement, TellsWhatTheVerdictDoesNotGrant) {
  const std::string m = "error: m is asked for by /usr/lib64/libjit.so.1, but the kernel leaves MPROTECT on -> ";
  const std::string e = "error: E is asked for by /usr/lib64/libjit.so.1, but the kernel leaves EMUTRAMP off -> ";
  expect_findings(
      check_unmet_requirement,
      {
          {"m of an unmarked program", "", program({}, asked("m")), {m + "revdep-pax -r -m"}},
          {"granted", "", program(xattr_only("em"), asked("m")), {}},
          {"granted by more", "", program(xattr_only("pem"), asked("mE")), {}},
          {"nothing is asked", "", program(), {}},
          {"soft mode grants all", "softmode=yes", program({}, asked("pEmr")), {}},
          {"in soft mode what the marking switches on counts",
           "softmode=yes",
           program(xattr_only("PR"), asked("pm")),
           {}},
          {"no MPROTECT", "mprotect=no", program({}, asked("m")), {}},
          {"no EMUTRAMP", "emutramp=no", program({}, asked("E")), {}},
          {"EMUTRAMP", "", program({}, asked("E")), {e + "revdep-pax -r -m"}},
          {"S without SEGMEXEC", "", program({}, asked("s")), {}},
          {"S with it",
           "segmexec=yes",
           program({}, asked("s")),
           {"error: s is asked for by /usr/lib64/libjit.so.1, but the kernel leaves SEGMEXEC on -> revdep-pax -r -m"}},
          {"several",
           "",
           program({}, asked("Emr")),
           {"error: Emr is asked for by /usr/lib64/libjit.so.1, but the kernel leaves MPROTECT, RANDMMAP on and "
            "EMUTRAMP "
            "off -> revdep-pax -r -m"}},
          {"P takes EMUTRAMP along",
           "",
           program({}, asked("pE")),
           {"error: p is asked for by /usr/lib64/libjit.so.1, but the kernel leaves PAGEEXEC on -> revdep-pax -r -m"}},
          {"denied is a conflict", "", program(xattr_only("eM"), asked("m")), {}},
          {"the old toolchain's e is no one's word",
           "",
           program(header_only(0x2800), asked("E")),
           {e + "revdep-pax -r -m"}},
          {"nor is our filler",
           "",
           program(xattr_only("e"),
                   [](Subject& subject) {
                     ask(subject, "E");
                     subject.filler_e = true;
                   }),
           {e + "revdep-pax -r -m"}},
          {"an admin's is", "", program(xattr_only("e"), asked("E")), {}},
          {"refused comes first", "", program(xattr_only("p"), asked("m")), {}},
          {"the letters stand where the kernel does not look",
           "xattr=no",
           program(both("em", 0x2800), asked("m")),
           {m + "revdep-pax --sync FILE"}},
          {"EI_PAX grants it", "ei=yes", program({std::nullopt, std::nullopt, 4}, asked("m")), {}},
          {"EI_PAX is not read", "", program({std::nullopt, std::nullopt, 4}, asked("m")), {m + "revdep-pax -r -m"}},
          {"no store, and none may be made",
           "",
           program({},
                   [](Subject& subject) {
                     ask(subject, "m");
                     subject.holds_xattrs = false;
                   }),
           {m + "none"}},
          {"a header will do",
           "",
           program(header_only(0x2800),
                   [](Subject& subject) {
                     ask(subject, "m");
                     subject.holds_xattrs = false;
                   }),
           {m + "revdep-pax -r -m"}},
          {"a header that is not read will not",
           "header=no",
           program(header_only(0x2800),
                   [](Subject& subject) {
                     ask(subject, "m");
                     subject.holds_xattrs = false;
                   }),
           {m + "none"}},
          {"E goes with P, but is an admin's word",
           "",
           program(xattr_only("Em"), asked("pE")),
           {"error: p is asked for by /usr/lib64/libjit.so.1, but the kernel leaves PAGEEXEC on -> "
            "revdep-pax --force -f -m --only /usr/bin/program"}},
          {"undone and held back",
           "",
           program({},
                   [](Subject& subject) {
                     ask(subject, "m");
                     subject.held = asking("m");
                   }),
           {"error: m is asked for by /usr/lib64/libjit.so.1, but was undone and is held back -> revdep-pax --release "
            "/usr/bin/program"}},
          {"the configuration asks",
           "",
           program({}, [](Subject& subject) { subject.asked = asking("m"); }),
           {"error: m is asked for by the configuration, but the kernel leaves MPROTECT on -> revdep-pax -r -m"}},
          {"a library", "", library({}, asked("m")), {}},
      });
}

TEST(RuleUnmetRequirement, IsOneFindingForEachAskerWithItsChain) {
  const auto findings = find(check_unmet_requirement, under(""), program(xattr_only("er"), [](Subject& subject) {
                               ask(subject, "mr");
                               ask(subject, "r", "/usr/lib64/libgranted.so.1");
                               ask(subject, "m", "/opt/a\nb.so", "");
                             }));
  ASSERT_THAT(findings, SizeIs(2));
  EXPECT_EQ(findings[0].cause, "m is asked for by /usr/lib64/libjit.so.1 [dev-libs/jit-1]");
  const Chain chain = {{"/usr/lib64/libmiddle.so.1", false}, {"/usr/lib64/libjit.so.1", false}};
  EXPECT_THAT(findings[0].chains, ElementsAre(chain));
  EXPECT_EQ(findings[0].verdict, "PeMrs");
  EXPECT_EQ(findings[0].stores, xattr_only("er"));
  EXPECT_EQ(findings[1].cause, "m is asked for by /opt/a\\x0ab.so");
}

TEST(RuleUnmetRequirement, WhatIsHeldBackIsApartFromTheRest) {
  const auto findings = find(check_unmet_requirement, under(""), program({}, [](Subject& subject) {
                               ask(subject, "mr");
                               subject.held = asking("r");
                             }));
  ASSERT_THAT(findings, SizeIs(2));
  EXPECT_EQ(findings[0].cause, "m is asked for by /usr/lib64/libjit.so.1 [dev-libs/jit-1]");
  EXPECT_EQ(spell_mend(findings[0].mend), "revdep-pax -r -m");
  EXPECT_EQ(findings[1].cause, "r was undone and is held back");
  EXPECT_EQ(spell_mend(findings[1].mend), "revdep-pax --release /usr/bin/program");
}

TEST(RuleUnmetRequirement, MendsGoByAllKernelsWhereItIsUnknown) {
  Context context = under("");
  const Subject subject = program({}, [](Subject& made) {
    made.abi = {3, elf::Class::elf32, elf::ByteOrder::little};
    ask(made, "p");
  });
  const auto mend = [&] { return spell_mend(find(check_unmet_requirement, context, subject).at(0).mend); };
  EXPECT_EQ(mend(), "revdep-pax -r -m");
  // With SEGMEXEC, p brings no m: no letters are right for both.
  context.kernel_known = false;
  EXPECT_EQ(mend(), "none");
}

TEST(RuleUnmetRequirement, WhatIsHeldBackDoesNotHinderTheMend) {
  // p could not be granted beside an admin's E.
  const auto findings = find(check_unmet_requirement, under(""), program(xattr_only("E"), [](Subject& subject) {
                               ask(subject, "pm");
                               subject.held = asking("p");
                             }));
  ASSERT_THAT(findings, SizeIs(2));
  EXPECT_EQ(spell_mend(findings[0].mend), "revdep-pax -r -m");
}

TEST(RuleUnmetRequirement, MendsAreOfferedOnlyIfTheyDoUnderTheKernelInQuestion) {
  Context context = under("xattr=no");
  context.kernel_known = false;
  EXPECT_EQ(spell_mend(find(check_unmet_requirement, context, program({}, asked("m"))).at(0).mend), "none");
  context = under("segmexec=yes");
  context.kernel_known = false;
  EXPECT_EQ(spell_mend(find(check_conflict, context, program(xattr_only("eS"), asked("sr"))).at(0).mend), "none");
}

TEST(RuleConflict, TellsWhatTheOwnMarkingForbids) {
  expect_findings(
      check_conflict,
      {
          {"M",
           "",
           program(xattr_only("eM"), asked("m")),
           {"error: its own marking says M, /usr/lib64/libjit.so.1 asks for m -> "
            "revdep-pax --force -f -m --only /usr/bin/program"}},
          {"says nothing", "", program(xattr_only("e"), asked("m")), {}},
          {"e",
           "",
           program(xattr_only("em"), asked("Em")),
           {"error: its own marking says e, /usr/lib64/libjit.so.1 asks for E -> "
            "revdep-pax --force -f -m --only /usr/bin/program"}},
          {"the old toolchain's e", "", program(header_only(0x2800), asked("E")), {}},
          {"the same beside an xattr is someone's",
           "",
           program(both("e", 0x2800), asked("E")),
           {"error: its own marking says e, /usr/lib64/libjit.so.1 asks for E -> "
            "revdep-pax --force -f -m --only /usr/bin/program"}},
          {"our filler",
           "",
           program(xattr_only("em"),
                   [](Subject& subject) {
                     ask(subject, "E");
                     subject.filler_e = true;
                   }),
           {}},
          {"e where P goes is no loss", "", program(xattr_only("e"), asked("pE")), {}},
          {"no feature of the kernel", "", program(xattr_only("eS"), asked("s")), {}},
          {"a feature of the kernel",
           "segmexec=yes",
           program(xattr_only("eS"), asked("s")),
           {"error: its own marking says S, /usr/lib64/libjit.so.1 asks for s -> "
            "revdep-pax --force -f -m --only /usr/bin/program"}},
          {"the store is not read, nor is the letter on",
           "xattr=no,softmode=yes",
           program(xattr_only("PeM"), asked("m")),
           {}},
          {"refused comes first", "", program(xattr_only("pM"), asked("m")), {}},
          {"void", "", program(xattr_only("M-"), asked("m")), {}},
          {"a path that is a pattern",
           "",
           program(xattr_only("eM"),
                   [](Subject& subject) {
                     ask(subject, "m");
                     subject.path = "/usr/bin/[";
                   }),
           {"error: its own marking says M, /usr/lib64/libjit.so.1 asks for m -> "
            "revdep-pax --force -f -m --only /usr/bin/\\["}},
          {"held back",
           "",
           program(xattr_only("eM"),
                   [](Subject& subject) {
                     ask(subject, "m");
                     subject.held = asking("m");
                   }),
           {"error: its own marking says M, /usr/lib64/libjit.so.1 asks for m, which was undone and is held back -> "
            "revdep-pax --release /usr/bin/program"}},
          {"a library", "", library(xattr_only("eM"), asked("m")), {}},
      });
}

TEST(RuleConflict, LeavesToTheOtherRuleWhatIsMerelyUnmet) {
  const Subject subject = program(xattr_only("PeM"), asked("mr"));
  const auto conflicts = find(check_conflict, under(""), subject);
  ASSERT_THAT(conflicts, SizeIs(1));
  EXPECT_EQ(conflicts[0].cause, "m is asked for by /usr/lib64/libjit.so.1 [dev-libs/jit-1]");
  const auto unmet = find(check_unmet_requirement, under(""), subject);
  ASSERT_THAT(unmet, SizeIs(1));
  EXPECT_EQ(spell_finding(unmet[0]),
            "error: r is asked for by /usr/lib64/libjit.so.1, but the kernel leaves RANDMMAP on -> revdep-pax -r -m");
}

TEST(RuleConflict, ADeniedLetterDoesNotHideOneThatItWouldHaveMadeNeedless) {
  // With p granted E would be of no use; P stays, so it is missed.
  const Subject subject = program(header_only(header("P") | 0x2000U), [](Subject& made) {
    ask(made, "pE");
    made.filler_e = true;
  });
  EXPECT_THAT(find(check_conflict, under(""), subject), SizeIs(1));
  const auto unmet = find(check_unmet_requirement, under(""), subject);
  ASSERT_THAT(unmet, SizeIs(1));
  EXPECT_THAT(unmet[0].message, testing::StartsWith("E is asked for"));
}

TEST(RuleUntrustedAsker, TellsWhyItIsNotFollowedAndHowFarItWouldReach) {
  const auto untrusted = [](std::size_t executables, std::size_t privileged = 0) {
    return [=](Subject& subject) {
      subject.untrusted = "/usr/lib64 can be written by others";
      subject.executables = executables;
      subject.privileged_executables = privileged;
    };
  };
  const std::string text = "error: it asks for m, which is not followed: /usr/lib64 can be written by others; ";
  expect_findings(check_untrusted_asker,
                  {
                      {"one", "", library(xattr_only("em"), untrusted(1)), {text + "1 executable loads it -> none"}},
                      {"many",
                       "",
                       library(xattr_only("em"), untrusted(12, 2)),
                       {text + "12 executables load it, 2 of them privileged -> none"}},
                      {"nobody loads it", "", library(xattr_only("em"), untrusted(0)), {}},
                      {"trusted", "", library(xattr_only("em")), {}},
                      {"no library",
                       "",
                       library(xattr_only("em"),
                               [&](Subject& subject) {
                                 untrusted(1)(subject);
                                 subject.library = false;
                               }),
                       {}},
                  });
}

TEST(RuleStaleClaim, TellsWhichLettersNobodyAsksForAnyMore) {
  const auto stale = [](const std::string& letters) {
    return [letters](Subject& subject) { subject.stale = asking(letters); };
  };
  expect_findings(check_stale_claim,
                  {
                      {"m",
                       "",
                       program(xattr_only("em"), stale("m")),
                       {"warning: m was set for libraries that do not ask for it any more -> revdep-pax -r -m"}},
                      {"none", "", program(xattr_only("em")), {}},
                      {"without it a kernel would refuse what is left",
                       "",
                       program(xattr_only("pem"), stale("m")),
                       {"warning: m was set for libraries that do not ask for it any more -> none"}},
                      {"a migration leaves libraries alone",
                       "",
                       library(xattr_only("em"), stale("m")),
                       {"warning: m was set for libraries that do not ask for it any more -> none"}},
                  });
}

TEST(RuleNoXattr, TellsWhereTheMarkingCannotBeHeld) {
  const auto place = [](bool holds, const std::string& letters) {
    return [=](Subject& subject) {
      subject.holds_xattrs = holds;
      if (!letters.empty()) ask(subject, letters);
    };
  };
  const auto relocated = [](bool holds) {
    return [=](Subject& subject) {
      subject.holds_xattrs = holds;
      subject.hazards.text_relocations = true;
    };
  };
  const std::string text = "warning: its filesystem cannot hold user.pax.flags -> none";
  expect_findings(check_no_xattr, {
                                      {"unmet", "", program({}, place(false, "m")), {text}},
                                      {"it can", "", program({}, place(true, "m")), {}},
                                      {"nothing is asked", "", program({}, place(false, "")), {}},
                                      {"a header holds it", "", program(header_only(0x2800), place(false, "m")), {}},
                                      {"a library that needs one", "", library({}, relocated(false)), {text}},
                                      {"it can, too", "", library({}, relocated(true)), {}},
                                      {"soft mode", "softmode=yes", program({}, place(false, "m")), {}},
                                  });
}

}  // namespace
}  // namespace revdep::audit
