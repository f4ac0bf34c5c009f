// --undo and --release: what a run did is taken back, and stays so until it is released.
#include <gtest/gtest.h>

#include "tools/marking_root.h"

namespace revdep::tool {
namespace {

using elf_builder::program;

class Undo : public MarkingTest {
 protected:
  void SetUp() override {
    MarkingTest::SetUp();
    if (IsSkipped()) return;
    root_.replace("/usr/bin/a", with_header(0x2800));
    root_.set_flags("/usr/bin/b", "er");
    ASSERT_EQ(brief(migrate()), summary(0, 3, 0));
    ASSERT_EQ(all(), "em emr em 0x2a00");
  }
  std::string all() const { return flags() + " " + root_.header("/usr/bin/a"); }
  support::Outcome undo(const std::string& option = "--undo") const { return root_.run({option, "-y"}); }
};

constexpr const char* original = "none er none 0x2800";

std::string held(const std::string& path) { return path + ": m is asked for, but was undone and is held back\n"; }

TEST_F(Undo, RestoresWhatTheLastRunChanged) {
  const auto outcome = undo();
  EXPECT_EQ(brief(outcome), summary(0, 0, 0, 3));
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(all(), original);
}

TEST_F(Undo, TheNextRunRespectsTheHolds) {
  undo();
  const auto outcome = migrate();
  EXPECT_EQ(all(), original);
  EXPECT_EQ(outcome.err, held("/opt/c") + held("/usr/bin/a") + held("/usr/bin/b"));
  EXPECT_EQ(brief(outcome), summary(0, 0, 3));
}

TEST_F(Undo, HoldsAreForTheLettersThatWereUndone) {
  undo();
  root_.set_flags(jit, "mr");
  migrate();
  EXPECT_EQ(all(), "er er er 0xa800");
}

TEST_F(Undo, ReleaseDropsAllHolds) {
  undo();
  EXPECT_EQ(root_.run({"--release"}).out, "3 released\n");
  EXPECT_EQ(brief(migrate()), summary(0, 3, 0));
  EXPECT_EQ(all(), "em emr em 0x2a00");
  EXPECT_EQ(root_.run({"--release"}).out, "0 released\n");
}

TEST_F(Undo, ReleaseDropsTheHoldsOnOneFile) {
  undo();
  EXPECT_EQ(root_.run({"--release=/opt/c"}).out, "1 released\n");
  EXPECT_EQ(brief(migrate()), summary(0, 1, 2));
  EXPECT_EQ(all(), "none er em 0x2800");
}

TEST_F(Undo, AHoldIsOnTheFileAndNotOnItsName) {
  undo();
  elf_builder::Object upgraded = program({"libmid.so.1"});
  upgraded.gap = 16;
  root_.replace("/opt/c", upgraded);
  migrate();
  EXPECT_EQ(all(), "none er em 0x2800");
}

TEST_F(Undo, ASecondOneHoldsItsLettersBesideTheFirstOnes) {
  undo();
  root_.set_flags(jit, "mr");
  migrate();
  ASSERT_EQ(all(), "er er er 0xa800");
  undo();
  migrate();
  EXPECT_EQ(all(), original);
}

TEST_F(Undo, OfAnUpgradedFileIsHeldBesideThatOfTheFileBefore) {
  undo();
  elf_builder::Object upgraded = program({"libmid.so.1"});
  upgraded.gap = 16;
  root_.replace("/opt/c", upgraded);
  migrate();
  undo();
  migrate();
  EXPECT_EQ(all(), original);
}

TEST_F(Undo, WhatIsCarriedByHandRespectsTheHoldsAndSaysSo) {
  undo();
  const auto outcome = root_.run({"-m", "-y", "-s", "libjit.so.1"});
  EXPECT_EQ(all(), original);
  EXPECT_EQ(outcome.err,
            "/opt/c: m was undone and is held back\n/usr/bin/a: m was undone and is held back\n"
            "/usr/bin/b: m was undone and is held back\n");
  // libmid loads libjit as well.
  EXPECT_EQ(brief(outcome), summary(0, 1, 3));
  root_.run({"--release"});
  root_.run({"-m", "-y", "-s", "libjit.so.1"});
  EXPECT_EQ(all(), "em emr em 0x2a00");
}

TEST_F(Undo, CanBeUndone) {
  undo();
  EXPECT_EQ(undo().status, 0);
  EXPECT_EQ(all(), "em emr em 0x2a00");
  EXPECT_EQ(brief(migrate()), summary(0, 0, 3));
}

TEST_F(Undo, ItsUndoReleasesTheHolds) {
  undo();
  undo();
  EXPECT_EQ(root_.run({"--release"}).out, "0 released\n");
}

TEST_F(Undo, WhatItsUndoRestoresIsOursAgain) {
  undo();
  undo();
  root_.remove_flags(jit);
  migrate({"--markings=xattr"});
  EXPECT_EQ(root_.flags("/usr/bin/b"), "er");
  EXPECT_EQ(root_.flags("/opt/c"), "none");
  EXPECT_EQ(root_.header("/usr/bin/a"), "0x2800");
}

TEST_F(Undo, CanBeUndoneAgainAndAgain) {
  const char* const marked = "em emr em 0x2a00";
  for (const char* const expected : {original, marked, original, marked, original}) {
    undo();
    EXPECT_EQ(all(), expected);
  }
}

TEST_F(Undo, TakesTheNumberOfARun) {
  root_.set_flags(jit, "mr");
  migrate();
  ASSERT_EQ(all(), "emr emr emr 0xaa00");
  EXPECT_EQ(brief(undo("--undo=2")), summary(0, 0, 0, 2));
  EXPECT_EQ(all(), "em emr em 0x2a00");
}

TEST_F(Undo, OfARunThatIsNotThereIsASentence) {
  const std::string before = root_.picture();
  const auto outcome = undo("--undo=7");
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.err, "revdep-pax: cannot undo run 7: the journal has no such run\n");
  EXPECT_EQ(root_.picture(), before);
}

TEST_F(Undo, SkipsWhatSomeoneElseChangedSince) {
  root_.set_flags("/usr/bin/b", "emR");
  const auto outcome = undo();
  EXPECT_EQ(all(), "none emR none 0x2800");
  EXPECT_EQ(brief(outcome), summary(1, 0, 0, 2, 1));
  EXPECT_EQ(outcome.err, cannot_mark("/usr/bin/b", "someone else changed its marking since"));
}

TEST_F(Undo, SkipsAFileThatIsAnotherOneNow) {
  elf_builder::Object upgraded = program({"libmid.so.1"});
  upgraded.gap = 16;
  root_.replace("/opt/c", upgraded);
  root_.set_flags("/opt/c", "em");
  const auto outcome = undo();
  EXPECT_EQ(outcome.err, cannot_mark("/opt/c", "it is another file than then"));
  EXPECT_EQ(all(), "none er em 0x2800");
  EXPECT_EQ(outcome.status, 1);
}

TEST_F(Undo, OfWhatWasSetByHandRestoresIt) {
  root_.run({"--set", "Pem", "/usr/bin/plain", "-y"});
  ASSERT_EQ(root_.flags("/usr/bin/plain"), "Pem");
  EXPECT_EQ(undo().status, 0);
  EXPECT_EQ(root_.flags("/usr/bin/plain"), "none");
  EXPECT_EQ(all(), "em emr em 0x2a00");
}

TEST_F(Undo, OfAWithdrawalBringsTheMarksBack) {
  root_.remove_flags(jit);
  migrate({"--exclude=/usr/bin/a"});
  ASSERT_EQ(all(), "em er none 0x2a00");
  undo();
  EXPECT_EQ(all(), "em emr em 0x2a00");
}

TEST_F(Undo, PretendedChangesNothing) {
  const std::string before = root_.picture();
  const auto outcome = root_.run({"--undo", "--pretend"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.out,
            "/usr/bin/b: user.pax.flags emr -> er\n"
            "/usr/bin/a: user.pax.flags em -> none\n"
            "/usr/bin/a: PT_PAX -em-- -> -e---\n"
            "/opt/c: user.pax.flags em -> none\n"
            "3 to change, 0 already right, 0 refused to change, 0 failed\n");
  EXPECT_EQ(root_.picture(), before);
}

TEST(UndoNothing, IsASentence) {
  const SmallRoot root;
  const auto outcome = root.run({"--undo", "-y"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.err, "revdep-pax: cannot undo the last run: the journal has no such run\n");
}

}  // namespace
}  // namespace revdep::tool
