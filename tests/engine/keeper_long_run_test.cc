// What is kept right through a long life: the journal does not grow, and no history leaves anything to do.
#include <cstdlib>
#include <random>

#include "engine/keeper_fixture.h"
#include "support/random_history.h"

namespace revdep::engine {
namespace {

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

TEST_F(KeeperTest, TheJournalForgetsHowOftenTheSameFileWasInstalled) {
  turn();
  constexpr int times = 640;
  for (int time = 0; time < times; ++time) {
    root_->merge(user("app/a-1", "/usr/bin/a"), "app/a-1");
    ASSERT_EQ(brief(turn({"app/a-1"})), "marked /usr/bin/a\n");
  }
  const auto journal =
      migrate::Journal::open(root_->file("/var/lib/revdep-pax/state.db"), migrate::Journal::Access::read).value();
  // It looks after some runs, and keeps some hundred.
  EXPECT_LE(journal.edits_on("/usr/bin/a")->size(), 564U);
  EXPECT_EQ(journal.claims()->size(), 1U);
  root_->merge(jit("", "2"), "lib/jit-1");
  EXPECT_EQ(brief(turn({"lib/jit-1", "lib/jit-2"})), "withdrawn /usr/bin/a\n");
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
