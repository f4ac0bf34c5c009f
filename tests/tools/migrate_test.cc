// revdep-pax -f -m and -r -m: every executable gets what its libraries ask for. What getfattr and the files' bytes say
// afterwards; expectations by hand.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tools/marking_root.h"

namespace revdep::tool {
namespace {

using elf_builder::library;
using elf_builder::program;

class Migrate : public MarkingTest {};

TEST_F(Migrate, MarksEveryExecutableThatLoadsAnAskingLibraryAndNothingElse) {
  const auto outcome = migrate();
  EXPECT_EQ(outcome.out, "3 marked, 0 already right, 0 withdrawn, 0 refused to change, 0 failed\n");
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(flags(), "em em em");
  EXPECT_EQ(root_.flags(jit), "m");
  EXPECT_EQ(root_.flags("/usr/lib64/libmid.so.1"), "none");
  EXPECT_EQ(root_.flags("/usr/bin/plain"), "none");
}

TEST_F(Migrate, ForwardDoesTheSame) {
  EXPECT_EQ(brief(root_.run({"-fmy"})), summary(0, 3, 0));
  EXPECT_EQ(flags(), "em em em");
}

TEST_F(Migrate, ASecondRunHasNothingToDo) {
  migrate();
  const std::string before = root_.picture();
  EXPECT_EQ(brief(migrate()), summary(0, 0, 3));
  EXPECT_EQ(brief(root_.run({"-fmy"})), summary(0, 0, 3));
  EXPECT_EQ(root_.picture(), before);
}

TEST_F(Migrate, EachLetterIsGrantedByAsLittleAsItTakes) {
  struct Row {
    const char* asked;
    const char* granted;
  };
  // `p` leaves neither MPROTECT nor EMUTRAMP anything to stand on. E needs no filler.
  for (const Row& row : {Row{"m", "em"}, Row{"r", "er"}, Row{"E", "E"}, Row{"mr", "emr"}, Row{"Em", "Em"},
                         Row{"p", "pem"}, Row{"pEm", "pem"}, Row{"PeMR", "none"}, Row{"", "none"}}) {
    SCOPED_TRACE(row.asked);
    const std::string soname = std::string("lib-") + row.asked + ".so";
    root_.add("/usr/lib64/" + soname, library(soname));
    root_.add(std::string("/usr/bin/x") + row.asked, program({soname}));
    root_.set_flags("/usr/lib64/" + soname, row.asked);
    EXPECT_EQ(migrate().status, 0);
    EXPECT_EQ(root_.flags(std::string("/usr/bin/x") + row.asked), row.granted);
  }
}

TEST_F(Migrate, LettersOfSeveralLibrariesAdd) {
  root_.add("/usr/lib64/libpic.so.1", library("libpic.so.1"));
  root_.set_flags("/usr/lib64/libpic.so.1", "r");
  root_.add("/usr/bin/both", program({"libjit.so.1", "libpic.so.1"}));
  migrate();
  EXPECT_EQ(root_.flags("/usr/bin/both"), "emr");
  EXPECT_EQ(flags(), "em em em");
}

TEST_F(Migrate, WhatAFileHasAlreadyStays) {
  root_.set_flags("/usr/bin/a", "PeR");
  root_.set_flags("/usr/bin/b", "emr");
  EXPECT_EQ(brief(migrate()), summary(0, 2, 1));
  EXPECT_EQ(flags(), "PemR emr em");
}

TEST_F(Migrate, AnEmptyMarkingGetsNoFiller) {
  root_.set_flags("/usr/bin/a", "");  // EMUTRAMP is on there already
  migrate();
  EXPECT_EQ(root_.flags("/usr/bin/a"), "m");
}

TEST_F(Migrate, ContradictionsWithAnAdminsWordAreReportedAndKept) {
  root_.set_flags("/usr/bin/a", "PeM");
  const auto outcome = migrate();
  EXPECT_EQ(flags(), "PeM em em");
  EXPECT_EQ(brief(outcome), summary(1, 2, 0, 0, 1));
  EXPECT_EQ(outcome.err, "Warning: /usr/bin/a has M, refusing to set to m\n" +
                             cannot_mark("/usr/bin/a", "its own letters contradict"));
  EXPECT_EQ(brief(migrate()), summary(1, 0, 2, 0, 1));
}

TEST_F(Migrate, AnEThatAPWouldHaveToSwitchOffIsSomeonesWord) {
  root_.set_flags(jit, "p");
  root_.set_flags("/usr/bin/a", "E");
  const auto outcome = migrate();
  EXPECT_EQ(flags(), "E pem pem");
  EXPECT_EQ(outcome.err.substr(0, outcome.err.find('\n')), "Warning: /usr/bin/a has E, refusing to set to e");
  EXPECT_EQ(brief(outcome), summary(1, 2, 0, 0, 1));
}

TEST_F(Migrate, ForceMakesWhatIsAskedWin) {
  root_.set_flags("/usr/bin/a", "PeM");
  EXPECT_EQ(brief(migrate({"--force"})), summary(0, 3, 0));
  EXPECT_EQ(flags(), "Pem em em");
}

TEST_F(Migrate, OnlyAndExcludeLimitTheTargets) {
  EXPECT_EQ(brief(migrate({"--only", "/usr/*", "--exclude", "*/b"})), summary(0, 1, 0));
  EXPECT_EQ(flags(), "em none none");
  EXPECT_EQ(brief(migrate({"--only", "/opt/*", "--only", "/usr/bin/b"})), summary(0, 2, 0));
  EXPECT_EQ(flags(), "em em em");
}

TEST_F(Migrate, ExecutablesAreThoseInPath) {
  EXPECT_EQ(brief(migrate({"-e"})), summary(0, 2, 0));
  EXPECT_EQ(flags(), "em em none");
}

TEST_F(Migrate, HardLinksAreOneEditWithAllNames) {
  root_.add("/usr/bin/link", program({"libjit.so.1"}));
  std::filesystem::remove(root_.file("/usr/bin/link"));
  std::filesystem::create_hard_link(root_.file("/usr/bin/a"), root_.file("/usr/bin/link"));
  EXPECT_EQ(brief(migrate()), summary(0, 3, 0));
  EXPECT_EQ(root_.flags("/usr/bin/link"), "em");
  EXPECT_TRUE(std::filesystem::equivalent(root_.file("/usr/bin/a"), root_.file("/usr/bin/link")));
  EXPECT_EQ(brief(migrate()), summary(0, 0, 3));
}

TEST_F(Migrate, HardLinksWithAHeaderStayOneFile) {
  root_.replace("/usr/bin/a", with_header(0x2800));
  root_.replace("/usr/bin/b", with_header(0x2800));
  std::filesystem::remove(root_.file("/usr/bin/b"));
  std::filesystem::create_hard_link(root_.file("/usr/bin/a"), root_.file("/usr/bin/b"));
  EXPECT_EQ(brief(migrate()), summary(0, 2, 0));
  EXPECT_EQ(flags(), "em em em");
  EXPECT_EQ(root_.header("/usr/bin/b"), "0x2a00");
  EXPECT_TRUE(std::filesystem::equivalent(root_.file("/usr/bin/a"), root_.file("/usr/bin/b")));
}

TEST_F(Migrate, ASetIdFileKeepsItsModeOwnerAndTime) {
  root_.replace("/usr/bin/a", with_header(0x2800));
  const std::string name = root_.file("/usr/bin/a");
  ASSERT_EQ(::chmod(name.c_str(), 06755), 0);
  const timespec times[] = {{1234567890, 1}, {1111111111, 123456789}};
  ASSERT_EQ(::utimensat(AT_FDCWD, name.c_str(), times, 0), 0);
  const auto look = [&] { return support::run({"stat", "-c", "%a %U %G %s %h %y", name}).out; };
  const std::string before = look();
  ASSERT_EQ(before.substr(0, 4), "6755");
  EXPECT_EQ(migrate().status, 0);
  EXPECT_EQ(root_.flags("/usr/bin/a"), "em");
  EXPECT_EQ(root_.header("/usr/bin/a"), "0x2a00");
  EXPECT_EQ(look(), before);
}

TEST_F(Migrate, AFileOfAnotherUserIsNamedUnlessNonroot) {
  ASSERT_EQ(::chown(root_.file("/usr/bin/a").c_str(), 65534, 65534), 0);
  const auto outcome = migrate();
  EXPECT_EQ(brief(outcome), summary(1, 2, 0, 0, 0, 1));
  EXPECT_EQ(outcome.err,
            "cannot set user.pax.flags on " + root_.file("/usr/bin/a") + ": it belongs to user 65534, not to root\n");
  EXPECT_EQ(flags(), "none em em");
  EXPECT_EQ(brief(migrate({"--nonroot"})), summary(0, 1, 2));
  EXPECT_EQ(flags(), "em em em");
}

class MigratePrompt : public MarkingTest {
 protected:
  void SetUp() override {
    MarkingTest::SetUp();
    if (IsSkipped()) return;
    root_.add("/usr/bin/b2", program({"libpic.so.1"}));
    root_.add("/usr/lib64/libpic.so.1", library("libpic.so.1"));
    root_.set_flags("/usr/lib64/libpic.so.1", "r");
  }
  std::string all() const { return flags() + " " + root_.flags("/usr/bin/b2"); }
};

constexpr const char* ask = "Set flags for ";

TEST_F(MigratePrompt, ForwardAsksForEachExecutable) {
  const auto outcome = root_.run_on_terminal({"-f", "-m"}, "y\nn\nY\nn\n");
  EXPECT_EQ(outcome.out, std::string(ask) + "/opt/c (y/n): " + ask + "/usr/bin/a (y/n): " + ask +
                             "/usr/bin/b (y/n): " + ask + "/usr/bin/b2 (y/n): " +
                             "2 marked, 0 already right, 0 withdrawn, 0 refused to change, 0 failed, 2 declined\n");
  EXPECT_EQ(all(), "none em em none");
  EXPECT_EQ(outcome.status, 1);
}

TEST_F(MigratePrompt, ForwardTakesAForAllAndQForNoMore) {
  root_.run_on_terminal({"-f", "-m"}, "n\na\n");
  EXPECT_EQ(all(), "em em none er");
  root_.run_on_terminal({"-f", "-m"}, "q\n");
  EXPECT_EQ(all(), "em em none er");
}

TEST_F(MigratePrompt, ReverseAsksForEachLibrary) {
  const auto outcome = root_.run_on_terminal({"-r", "-m"}, "y\nn\n");
  EXPECT_EQ(outcome.out, std::string(ask) + "3 consumers of /usr/lib64/libjit.so.1 (y/n): " + ask +
                             "1 consumer of /usr/lib64/libpic.so.1 (y/n): " +
                             "3 marked, 0 already right, 0 withdrawn, 0 refused to change, 0 failed, 1 declined\n");
  EXPECT_EQ(all(), "em em em none");
  EXPECT_EQ(outcome.status, 1);
}

TEST_F(MigratePrompt, ReverseTakesAForAllAndQForNoMore) {
  root_.run_on_terminal({"-r", "-m"}, "q\n");
  EXPECT_EQ(all(), "none none none none");
  root_.run_on_terminal({"-r", "-m"}, "n\ny\n");
  EXPECT_EQ(all(), "none none none er");
  root_.run_on_terminal({"-r", "-m"}, "a\n");
  EXPECT_EQ(all(), "em em em er");
}

TEST_F(MigratePrompt, ReverseWithdrawsWhereNoLibraryIsDeclined) {
  migrate();
  root_.remove_flags(jit);
  root_.add("/usr/bin/b3", program({"libpic.so.1"}));
  root_.run_on_terminal({"-r", "-m"}, "n\n");
  EXPECT_EQ(all(), "em em em er");
  root_.run_on_terminal({"-r", "-m"}, "y\nn\ny\nn\n");  // the library, then c, a and b
  EXPECT_EQ(all(), "none em em er");
  root_.run_on_terminal({"-r", "-m"}, "a\n");
  EXPECT_EQ(all(), "none none none er");
  EXPECT_EQ(root_.flags("/usr/bin/b3"), "er");
}

TEST_F(MigratePrompt, ALibraryThatIsDeclinedKeepsWhatItWasGrantedBefore) {
  root_.add("/usr/bin/both", program({"libjit.so.1", "libpic.so.1"}));
  migrate({"--exclude", "/usr/bin/a"});
  root_.run_on_terminal({"-r", "-m"}, "n\n");
  EXPECT_EQ(all(), "none em em er");
  EXPECT_EQ(root_.flags("/usr/bin/both"), "emr");
}

TEST_F(MigratePrompt, WithoutATerminalYesIsDemanded) {
  const std::string before = root_.picture();
  const auto outcome = root_.run({"-r", "-m"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.err, "revdep-pax: standard input is no terminal: use -y\n");
  EXPECT_EQ(root_.picture(), before);
}

}  // namespace
}  // namespace revdep::tool
