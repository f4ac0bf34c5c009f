// What becomes of our marks when nobody asks for them any more, and when the file behind a name changes.
#include <gtest/gtest.h>

#include <filesystem>

#include "tools/marking_root.h"

namespace revdep::tool {
namespace {

using elf_builder::library;
using elf_builder::program;

class Withdraw : public MarkingTest {
 protected:
  void SetUp() override {
    MarkingTest::SetUp();
    if (IsSkipped()) return;
    root_.replace("/usr/bin/b", with_header(0x2200));  // em: an admin's
    root_.set_flags("/usr/bin/a", "er");
    ASSERT_EQ(brief(migrate()), summary(0, 2, 1));
    ASSERT_EQ(flags(), "emr none em");
  }
};

TEST_F(Withdraw, LettersFillerAndStoreOfOursGoWhenTheLibraryIsUnmarked) {
  root_.remove_flags(jit);
  const auto outcome = migrate();
  EXPECT_EQ(brief(outcome), summary(0, 0, 0, 2));
  EXPECT_EQ(flags(), "er none none");  // what was there before us stays
  EXPECT_EQ(root_.header("/usr/bin/b"), "0x2200");
  EXPECT_EQ(brief(migrate()), summary(0, 0, 0));
}

TEST_F(Withdraw, NoWithdrawKeepsThem) {
  root_.remove_flags(jit);
  EXPECT_EQ(brief(migrate({"--no-withdraw"})), summary(0, 0, 0));
  EXPECT_EQ(flags(), "emr none em");
  EXPECT_EQ(brief(migrate()), summary(0, 0, 0, 2));
}

TEST_F(Withdraw, OnlyTheLettersThatNobodyAsksForGo) {
  root_.set_flags(jit, "mr");
  migrate();
  ASSERT_EQ(flags(), "emr emr emr");
  ASSERT_EQ(root_.header("/usr/bin/b"), "0xa200");
  root_.set_flags(jit, "r");
  migrate();
  EXPECT_EQ(flags(), "er emr er");
  root_.remove_flags(jit);
  migrate();
  EXPECT_EQ(root_.flags("/usr/bin/a"), "er");
  EXPECT_EQ(root_.flags("/opt/c"), "none");
  EXPECT_EQ(root_.header("/usr/bin/b"), "0x2200");
}

TEST_F(Withdraw, AHeaderGoesBackToWhatItWas) {
  root_.replace("/usr/bin/a", with_header(0x2800));
  migrate({"--markings=pt"});
  ASSERT_EQ(root_.header("/usr/bin/a"), "0x2a00");
  root_.remove_flags(jit);
  migrate({"--markings=pt"});
  EXPECT_EQ(root_.header("/usr/bin/a"), "0x2800");
  EXPECT_EQ(root_.flags("/usr/bin/a"), "none");
}

TEST_F(Withdraw, TheOldToolchainsEIsNobodysWordAfterAnEditOfOursToo) {
  root_.replace("/usr/bin/a", with_header(0x2800));
  migrate({"--markings=pt"});
  ASSERT_EQ(root_.header("/usr/bin/a"), "0x2a00");
  root_.set_flags(jit, "Em");
  migrate({"--markings=pt"});
  EXPECT_EQ(root_.header("/usr/bin/a"), "0x1a00");
  root_.set_flags(jit, "m");
  migrate({"--markings=pt"});
  EXPECT_EQ(root_.header("/usr/bin/a"), "0x2a00");
}

TEST_F(Withdraw, AProgramThatNoLongerLoadsTheLibraryLosesThem) {
  root_.replace("/usr/lib64/libmid.so.1", library("libmid.so.1"));
  EXPECT_EQ(brief(migrate({"--facts=elf"})), summary(0, 0, 2, 1));
  EXPECT_EQ(flags(), "emr none none");
}

TEST_F(Withdraw, WhatSomeoneElseChangedSinceIsTheirs) {
  root_.set_flags("/opt/c", "emr");
  root_.set_flags("/usr/bin/a", "erM");
  root_.remove_flags(jit);
  migrate();
  EXPECT_EQ(root_.flags("/opt/c"), "er");  // only the m is ours; with another letter beside it the filler stays
  EXPECT_EQ(root_.flags("/usr/bin/a"), "erM");
}

TEST_F(Withdraw, AFileThatWasReplacedIsMarkedAgain) {
  elf_builder::Object upgraded = program({"libmid.so.1"});
  upgraded.gap = 16;
  root_.replace("/opt/c", upgraded);
  EXPECT_EQ(brief(migrate()), summary(0, 1, 2));
  EXPECT_EQ(root_.flags("/opt/c"), "em");
}

TEST_F(Withdraw, TheSameFileInstalledAgainIsMarkedAgain) {
  root_.replace("/opt/c", program({"libmid.so.1"}));
  ASSERT_EQ(root_.flags("/opt/c"), "none");
  EXPECT_EQ(brief(migrate()), summary(0, 1, 2));
  EXPECT_EQ(root_.flags("/opt/c"), "em");
}

TEST_F(Withdraw, MarksOfAnotherFileUnderTheNameAreNotOurs) {
  elf_builder::Object upgraded = program({"libmid.so.1"});
  upgraded.gap = 16;
  root_.replace("/opt/c", upgraded);
  root_.set_flags("/opt/c", "em");  // by its package
  root_.remove_flags(jit);
  EXPECT_EQ(brief(migrate()), summary(0, 0, 0, 1));
  EXPECT_EQ(root_.flags("/opt/c"), "em");
}

TEST_F(Withdraw, WithdrawAllTakesBackWhatIsStillAskedForToo) {
  root_.set_flags("/usr/bin/plain", "er");
  root_.run({"-m", "-y", "-b", "/usr/bin/plain"});
  ASSERT_EQ(root_.flags("/usr/lib64/libplain.so.1"), "er");
  EXPECT_EQ(brief(root_.run({"--withdraw-all", "-y"})), summary(0, 0, 0, 3));
  EXPECT_EQ(flags(), "er none none");
  EXPECT_EQ(root_.flags("/usr/lib64/libplain.so.1"), "none");
  EXPECT_EQ(root_.flags(jit), "m");
  EXPECT_EQ(root_.header("/usr/bin/b"), "0x2200");
  EXPECT_EQ(brief(root_.run({"--withdraw-all", "-y"})), summary(0, 0, 0));
}

}  // namespace
}  // namespace revdep::tool
