// What is kept right turn after turn: new executables, consumers of libraries that changed, what rules say.
#include "engine/keeper.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "support/command.h"
#include "support/random_history.h"
#include "support/temp_dir.h"

namespace revdep::engine {
namespace {

using elf_builder::library;
using elf_builder::program;
using report::Outcome;
using support::PackageFile;
using support::TestPackage;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Keeper::TimePoint start{};

vdb::PackageName package_name(const std::string& text) {
  return {text.substr(0, text.find('/')), text.substr(text.find('/') + 1)};
}

std::vector<vdb::PackageName> package_names(const std::vector<std::string>& texts) {
  std::vector<vdb::PackageName> names;
  names.reserve(texts.size());
  for (const std::string& text : texts) names.push_back(package_name(text));
  return names;
}

class KeeperTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can mark";
    if (::setxattr(directory_.path().c_str(), "user.probe", "1", 1, 0) != 0) GTEST_SKIP() << "no user xattrs here";
    root_.emplace(directory_.path());
    root_->merge(jit("m"));
    root_->merge(user("app/a-1", "/usr/bin/a"));
  }

  static TestPackage jit(const std::string& flags, const std::string& version = "1") {
    return {"lib/jit-" + version, {{"/usr/lib64/libjit.so.1", library("libjit.so.1"), flags, {}}}, {}};
  }
  static TestPackage user(const std::string& name, const std::string& path) {
    return {name, {{path, program({"libjit.so.1"}), "", {}}}, {}};
  }

  KeeperOptions options() const {
    KeeperOptions options;
    options.load.root = root_->directory();
    options.load.source = Source::vdb;
    options.command = "test";
    return options;
  }

  Keeper& keeper() {
    if (!keeper_) keeper_.emplace(options());
    return *keeper_;
  }
  Turn turn(const std::vector<std::string>& packages = {}, const std::vector<std::string>& files = {}) {
    return keeper().turn({false, package_names(packages), files}, start);
  }
  void configure(const std::string& rules) {
    KeeperOptions with = options();
    ASSERT_THAT(config::parse_rules(rules, "rules", with.load.rules), IsEmpty());
    keeper().configure(std::move(with));
  }

  [[nodiscard]] std::string flags(const std::string& path) const {
    std::array<char, 16> value{};
    const ssize_t length = ::getxattr(root_->file(path).c_str(), "user.pax.flags", value.data(), value.size());
    return length < 0 ? "none" : std::string(value.data(), static_cast<std::size_t>(length));
  }
  void set_flags(const std::string& path, const std::string& flags) const {
    ASSERT_EQ(::setxattr(root_->file(path).c_str(), "user.pax.flags", flags.data(), flags.size(), 0), 0);
  }

  static std::string brief(const Turn& turn) {
    std::string text;
    for (const report::Mark& mark : turn.marks) {
      const char* const outcome = mark.outcome == Outcome::marked      ? "marked "
                                  : mark.outcome == Outcome::withdrawn ? "withdrawn "
                                  : mark.outcome == Outcome::pending   ? "pending "
                                  : mark.outcome == Outcome::refused   ? "refused "
                                                                       : "failed ";
      text += outcome + mark.path + '\n';
    }
    for (const base::Error& problem : turn.problems) text += problem.to_string() + '\n';
    return text;
  }

  support::TempDir directory_{TEST_DIRECTORY};
  std::optional<support::PortageRoot> root_;
  std::optional<Keeper> keeper_;
};

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

TEST_F(KeeperTest, TheJournalForgetsWhatIsLongGone) {
  root_->merge(user("app/b-1", "/usr/bin/b"));
  EXPECT_EQ(brief(turn()), "marked /usr/bin/a\nmarked /usr/bin/b\n");
  root_->unmerge("app/a-1");
  turn({"app/a-1"});
  const auto open = [this] {
    return migrate::Journal::open(root_->file("/var/lib/revdep-pax/state.db"), migrate::Journal::Access::write).value();
  };
  const auto claimed = [&open] {
    std::vector<std::string> paths;
    const auto claims = open().claims().value();
    for (const migrate::Claim& claim : claims) paths.push_back(claim.file.path);
    return paths;
  };
  EXPECT_THAT(claimed(), testing::ElementsAre("/usr/bin/a", "/usr/bin/b"));
  // It looks after some runs, and keeps some hundred.
  while (open().begin_run("test", 0, 0).value() % 64 != 63 || open().runs()->size() < 600) continue;
  root_->merge(user("app/c-1", "/usr/bin/c"));
  EXPECT_EQ(brief(turn({"app/c-1"})), "marked /usr/bin/c\n");
  EXPECT_THAT(claimed(), testing::ElementsAre("/usr/bin/b", "/usr/bin/c"));
  EXPECT_TRUE(open().edits_on("/usr/bin/a")->empty());
  EXPECT_EQ(open().edits_on("/usr/bin/b")->size(), 1U) << "what a claim stands on";
  EXPECT_LE(open().runs()->size(), 501U);
}

// REVDEP_CASES: how many steps.
std::size_t steps() {
  const char* const wish = std::getenv("REVDEP_CASES");
  return wish != nullptr ? std::strtoul(wish, nullptr, 10) : 150;
}

// The seed; every other history is taken up in bursts.
class KeptThrough : public KeeperTest, public testing::WithParamInterface<unsigned> {};

TEST_P(KeptThrough, AnyHistoryAFullPassFindsNothingToDo) {
  support::RandomHistory history(*root_, GetParam());
  std::mt19937 dice(GetParam());
  turn();
  std::string story;
  std::size_t marked = 0;
  for (std::size_t step = 0; step < steps(); ++step) {
    std::vector<std::string> packages;
    std::vector<std::string> files;
    for (std::size_t left = GetParam() % 2 == 0 ? 1 : 1 + dice() % 20; left > 0; --left) {
      const support::Happening happening = history.step();
      story += happening.what + '\n';
      packages.insert(packages.end(), happening.packages.begin(), happening.packages.end());
      files.insert(files.end(), happening.files.begin(), happening.files.end());
    }
    for (const report::Mark& mark : turn(packages, files).marks) {
      marked += mark.outcome == Outcome::marked || mark.outcome == Outcome::withdrawn ? 1 : 0;
      ASSERT_NE(mark.outcome, Outcome::failed) << mark.reason << "\nafter\n" << story;
    }
    KeeperOptions pretending = options();
    pretending.pretend = true;
    Keeper fresh(pretending);
    std::string left;
    for (const report::Mark& mark : fresh.turn({}, start).marks) {
      if (mark.outcome == Outcome::pending) left += mark.path + ' ' + mark.why + '\n';
    }
    ASSERT_EQ(left, "") << "after\n" << story;
  }
  EXPECT_GT(marked, steps() / 20);
}

INSTANTIATE_TEST_SUITE_P(, KeptThrough, testing::Range(0U, 4U));

}  // namespace
}  // namespace revdep::engine
