// What is kept right turn after turn: new executables, consumers of libraries that changed, what rules say.
#include <fcntl.h>
#include <sys/file.h>

#include <filesystem>

#include "engine/keeper_fixture.h"
#include "support/command.h"

namespace revdep::engine {
namespace {

using support::PackageFile;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(KeeperTest, TheFirstTurnLooksAtAllAndTheNextHasNothingToDo) {
  const Turn first = turn();
  EXPECT_TRUE(first.full);
  EXPECT_EQ(brief(first), "marked /usr/bin/a\n");
  EXPECT_EQ(flags("/usr/bin/a"), "em");
  const Turn second = turn();
  EXPECT_FALSE(second.full);
  EXPECT_EQ(brief(second), "");
}

TEST_F(KeeperTest, ANewExecutableIsMarkedWithItsPackageAndItsAskers) {
  turn();
  root_->merge(user("app/b-1", "/usr/bin/b"));
  const Turn second = turn({"app/b-1"});
  EXPECT_FALSE(second.full);
  ASSERT_EQ(brief(second), "marked /usr/bin/b\n");
  EXPECT_EQ(second.marks[0].package, "app/b-1");
  EXPECT_EQ(second.marks[0].why, "m: /usr/lib64/libjit.so.1");
  EXPECT_EQ(flags("/usr/bin/b"), "em");
}

TEST_F(KeeperTest, ConsumersFollowAnUpgradedLibrary) {
  turn();
  root_->merge(jit("mr", "2"), "lib/jit-1");
  EXPECT_EQ(brief(turn({"lib/jit-1", "lib/jit-2"})), "marked /usr/bin/a\n");
  EXPECT_EQ(flags("/usr/bin/a"), "emr");
  root_->merge(jit("", "3"), "lib/jit-2");
  EXPECT_EQ(brief(turn({"lib/jit-2", "lib/jit-3"})), "withdrawn /usr/bin/a\n");
  EXPECT_EQ(flags("/usr/bin/a"), "none");
}

TEST_F(KeeperTest, WhatARemovedLibraryAskedForIsWithdrawn) {
  turn();
  root_->unmerge("lib/jit-1");
  EXPECT_EQ(brief(turn({"lib/jit-1"})), "withdrawn /usr/bin/a\n");
  EXPECT_EQ(flags("/usr/bin/a"), "none");
}

TEST_F(KeeperTest, AReinstalledExecutableGetsItsMarkBack) {
  turn();
  root_->merge(user("app/a-1", "/usr/bin/a"), "app/a-1");
  ASSERT_EQ(flags("/usr/bin/a"), "none");
  EXPECT_EQ(brief(turn({"app/a-1"})), "marked /usr/bin/a\n");
  EXPECT_EQ(flags("/usr/bin/a"), "em");
}

TEST_F(KeeperTest, APreservedLibraryGoesOnAsking) {
  turn();
  TestPackage next{"lib/jit-2", {{"/usr/lib64/libjit.so.2", library("libjit.so.2"), "", {}}}, {}};
  root_->merge(next, "lib/jit-1", nullptr, {"/usr/lib64/libjit.so.1"});
  EXPECT_EQ(brief(turn({"lib/jit-1", "lib/jit-2"})), "");
  EXPECT_EQ(flags("/usr/bin/a"), "em");
}

TEST_F(KeeperTest, ALibraryThatIsMarkedByHandIsFollowed) {
  turn();
  EXPECT_TRUE(keeper().concerns("/usr/lib64/libjit.so.1"));
  EXPECT_THAT(keeper().find_watched(), testing::Contains("/usr/lib64/"));
  set_flags("/usr/lib64/libjit.so.1", "r");
  EXPECT_EQ(brief(turn({}, {"/usr/lib64/libjit.so.1"})), "marked /usr/bin/a\n");
  EXPECT_EQ(flags("/usr/bin/a"), "er");
}

// No edge leads to the library in /opt/lib: only the program's own search finds it there.
TEST_F(KeeperTest, ALibraryThatOnlyOneProgramFindsIsWatchedToo) {
  root_->merge({"lib/own-1", {{"/opt/lib/libjit.so.1", library("libjit.so.1"), "", {}}}, {}});
  root_->merge({"lib/mid-1", {{"/usr/lib64/libmid.so.1", library("libmid.so.1", {"libjit.so.1"}), "", {}}}, {}});
  PackageFile finder{"/usr/bin/finder", program({"libmid.so.1"}), "", {}};
  finder.object.rpath = "/opt/lib";
  root_->merge({"app/finder-1", {finder}, {}});
  turn();
  EXPECT_THAT(keeper().find_watched(), testing::Contains("/opt/lib/"));
  set_flags("/opt/lib/libjit.so.1", "r");
  EXPECT_EQ(brief(turn({}, {"/opt/lib/libjit.so.1"})), "marked /usr/bin/finder\n");
}

TEST_F(KeeperTest, AHardLinkOfWhatWasEditedIsKnownToBeEdited) {
  TestPackage twins = user("app/twins-1", "/usr/bin/one");
  twins.files.front().links = {"/opt/bin/two"};
  root_->merge(twins);
  EXPECT_EQ(brief(turn()), "marked /opt/bin/two\nmarked /usr/bin/a\n");
  set_flags("/usr/lib64/libjit.so.1", "");
  EXPECT_EQ(brief(turn({}, {"/usr/lib64/libjit.so.1"})), "withdrawn /opt/bin/two\nwithdrawn /usr/bin/a\n");
  EXPECT_EQ(flags("/usr/bin/one"), "none");
  set_flags("/usr/lib64/libjit.so.1", "r");
  EXPECT_EQ(brief(turn({}, {"/usr/lib64/libjit.so.1"})), "marked /opt/bin/two\nmarked /usr/bin/a\n");
  EXPECT_EQ(flags("/usr/bin/one"), "er");
}

TEST_F(KeeperTest, WhatIsRefusedIsToldOnceAndNotAtEveryTurn) {
  set_flags("/usr/bin/a", "eM");
  EXPECT_EQ(brief(turn()), "refused /usr/bin/a\n");
  root_->merge(user("app/b-1", "/usr/bin/b"));
  EXPECT_EQ(brief(turn({"app/b-1"})), "marked /usr/bin/b\n");
}

TEST_F(KeeperTest, PretendingItTellsWhatItWouldDoAndWritesNothing) {
  KeeperOptions pretending = options();
  pretending.pretend = true;
  keeper().configure(pretending);
  EXPECT_EQ(brief(turn()), "pending /usr/bin/a\n");
  EXPECT_EQ(flags("/usr/bin/a"), "none");
  EXPECT_FALSE(std::filesystem::exists(root_->file("/var/lib/revdep-pax")));
}

TEST_F(KeeperTest, WhileSomeoneElseWritesItWaitsForAnotherTurn) {
  turn();
  root_->merge(user("app/b-1", "/usr/bin/b"));
  {
    const base::Fd lock(::open(root_->file("/run/revdep-pax.lock").c_str(), O_RDWR | O_CLOEXEC));
    ASSERT_EQ(::flock(lock.get(), LOCK_EX), 0);
    const Turn busy = turn({"app/b-1"});
    EXPECT_TRUE(busy.incomplete);
    EXPECT_EQ(flags("/usr/bin/b"), "none");
  }
  const Turn again = turn();
  EXPECT_FALSE(again.incomplete);
  EXPECT_EQ(brief(again), "marked /usr/bin/b\n");
}

TEST_F(KeeperTest, ADamagedJournalIsKeptAsideAndAnotherOneBegun) {
  turn();
  const std::string state = root_->file("/var/lib/revdep-pax/state.db");
  support::write_file(state, std::string(8192, 'x'));
  root_->merge(user("app/b-1", "/usr/bin/b"));
  const Turn second = turn({"app/b-1"});
  EXPECT_EQ(brief(second), "marked /usr/bin/b\n");
  ASSERT_EQ(second.notes.size(), 1U);
  EXPECT_THAT(second.notes[0], testing::HasSubstr(state + ".damaged-"));
  std::size_t aside = 0;
  for (const auto& entry : std::filesystem::directory_iterator(root_->file("/var/lib/revdep-pax"))) {
    if (entry.path().string().starts_with(state + ".damaged-")) {
      ++aside;
      EXPECT_EQ(support::read_file(entry.path()), std::string(8192, 'x'));
    }
  }
  EXPECT_EQ(aside, 1U);
  EXPECT_EQ(brief(turn()), "");
}

TEST_F(KeeperTest, AJournalOfALaterVersionIsLeftAlone) {
  turn();
  const std::string state = root_->file("/var/lib/revdep-pax/state.db");
  ASSERT_EQ(support::run({"sqlite3", state, "PRAGMA user_version = 99"}).status, 0);
  root_->merge(user("app/b-1", "/usr/bin/b"));
  EXPECT_THAT(brief(turn({"app/b-1"})), testing::HasSubstr("later version"));
  EXPECT_EQ(flags("/usr/bin/b"), "none");
  EXPECT_TRUE(std::filesystem::exists(state));
}

TEST_F(KeeperTest, AMarkRuleBeatsWhatIsAskedAndWhatStands) {
  set_flags("/usr/bin/a", "er");
  configure("mark /usr/bin/a Em\n");
  EXPECT_EQ(brief(turn()), "marked /usr/bin/a\n");
  EXPECT_EQ(flags("/usr/bin/a"), "Em");
  // Without the rule its letters go, and what is asked comes back.
  keeper().configure(options());
  EXPECT_EQ(brief(turn()), "marked /usr/bin/a\n");
  EXPECT_EQ(flags("/usr/bin/a"), "em");
}

TEST_F(KeeperTest, ARuleMayNameAFileThatNoPackageHas) {
  elf_builder::write_object(root_->file("/opt/own"), program({}));
  configure("mark /opt/own em\n");
  EXPECT_EQ(brief(turn()), "marked /opt/own\nmarked /usr/bin/a\n");
  EXPECT_THAT(keeper().find_watched(), testing::Contains("/opt/own"));
  elf_builder::write_object(root_->file("/opt/new"), program({}));
  std::filesystem::rename(root_->file("/opt/new"), root_->file("/opt/own"));
  EXPECT_EQ(brief(turn({}, {"/opt/own"})), "marked /opt/own\n");
}

TEST_F(KeeperTest, AFileOfAUserIsMarkedOnlyWhereTheRuleSaysSo) {
  elf_builder::write_object(root_->file("/opt/own"), program({}));
  ASSERT_EQ(::chown(root_->file("/opt/own").c_str(), 65534, 65534), 0);
  configure("mark /opt/own em\n");
  EXPECT_THAT(brief(turn()), testing::HasSubstr("failed /opt/own\n"));
  EXPECT_EQ(flags("/opt/own"), "none");
  configure("mark /opt/own em nonroot\n");
  EXPECT_EQ(brief(turn()), "marked /opt/own\n");
}

TEST_F(KeeperTest, ARequireRuleAsksForALibraryWithoutAMarking) {
  root_->merge(jit("", "2"), "lib/jit-1");
  configure("require /usr/lib64/libjit.so.* r\n");
  const Turn first = turn();
  EXPECT_EQ(brief(first), "marked /usr/bin/a\n");
  EXPECT_EQ(flags("/usr/bin/a"), "er");
  EXPECT_EQ(flags("/usr/lib64/libjit.so.1"), "none");
}

TEST_F(KeeperTest, IgnoredFilesAreNeitherMarkedNorFollowed) {
  root_->merge(user("app/b-1", "/usr/bin/b"));
  configure("ignore /usr/bin/b\n");
  EXPECT_EQ(brief(turn()), "marked /usr/bin/a\n");
  configure("ignore /usr/lib64/libjit.so.1\n");
  EXPECT_EQ(brief(turn()), "withdrawn /usr/bin/a\n");
}

TEST_F(KeeperTest, TwoNamesOfOneFileThatRulesWantDifferentlyAreNamedBoth) {
  std::filesystem::create_hard_link(root_->file("/usr/bin/a"), root_->file("/usr/bin/z"));
  configure("mark /usr/bin/a em\nmark /usr/bin/z er\n");
  const Turn first = turn();
  ASSERT_EQ(brief(first), "refused /usr/bin/a\n");
  EXPECT_THAT(first.marks[0].reason, testing::AllOf(testing::HasSubstr("/usr/bin/a"), testing::HasSubstr("/usr/bin/z"),
                                                    testing::HasSubstr("rules:1"), testing::HasSubstr("rules:2")));
  EXPECT_EQ(flags("/usr/bin/a"), "none");
}

TEST_F(KeeperTest, AnotherProgramThatTakesTheMarkBackAgainAndAgainWins) {
  configure("mark /usr/bin/a em\n");
  turn();
  std::string told;
  for (int round = 0; round < 5; ++round) {
    set_flags("/usr/bin/a", "r");
    told += brief(turn({}, {"/usr/bin/a"}));
  }
  EXPECT_EQ(told, "marked /usr/bin/a\nmarked /usr/bin/a\nrefused /usr/bin/a\nrefused /usr/bin/a\nrefused /usr/bin/a\n");
  EXPECT_EQ(flags("/usr/bin/a"), "r");
  configure("mark /usr/bin/a em\n");
  EXPECT_EQ(brief(turn()), "marked /usr/bin/a\n");
}

TEST_F(KeeperTest, AFileThatIsInstalledAgainAndAgainIsNotFoughtOver) {
  turn();
  for (int round = 0; round < 50; ++round) {
    root_->merge(user("app/a-1", "/usr/bin/a"), "app/a-1");
    ASSERT_EQ(brief(turn({"app/a-1"})), "marked /usr/bin/a\n") << round;
  }
}

TEST_F(KeeperTest, AfterAMinuteThatIsForgotten) {
  configure("mark /usr/bin/a em\n");
  Keeper::TimePoint now = start;
  for (int round = 0; round < 6; ++round, now += std::chrono::seconds(35)) {
    set_flags("/usr/bin/a", "r");
    EXPECT_EQ(brief(keeper().turn({round == 0, {}, {"/usr/bin/a"}}, now)), "marked /usr/bin/a\n");
  }
}

}  // namespace
}  // namespace revdep::engine
