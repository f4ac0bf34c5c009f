// Real directories, real inotify: what a tree need not look at.
#include "watch/entry_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "base/tree_fixture.h"
#include "base/tree_history.h"
#include "support/child.h"

namespace revdep::watch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pointee;

class EntryEventsTest : public base::TreeTest {
 protected:
  void SetUp() override {
    events_ = EntryEvents::create();
    ASSERT_NE(events_, nullptr);
    directory("a");
    directory("b");
  }
  const std::set<std::string>* changed_in(std::string_view path) { return events_->changed_in(at(path).string()); }

  std::unique_ptr<EntryEvents> events_;
};

TEST_F(EntryEventsTest, KnowsNothingOfADirectoryAtFirstAndThenEachName) {
  EXPECT_EQ(changed_in("a"), nullptr);
  EXPECT_EQ(changed_in("b"), nullptr);
  file("a/new");
  file("a/moved");
  std::filesystem::rename(at("a/moved"), at("b/moved"));
  events_->look();
  EXPECT_THAT(changed_in("a"), Pointee(ElementsAre("moved", "new")));
  EXPECT_THAT(changed_in("b"), Pointee(ElementsAre("moved")));
  events_->look();
  EXPECT_THAT(changed_in("a"), Pointee(IsEmpty()));
  std::filesystem::remove(at("a/new"));
  EXPECT_THAT(changed_in("a"), Pointee(IsEmpty())) << "until a look";
  events_->look();
  EXPECT_THAT(changed_in("a"), Pointee(ElementsAre("new")));
}

TEST_F(EntryEventsTest, KnowsNothingOfWhatTookTheDirectorysPlace) {
  EXPECT_EQ(changed_in("a"), nullptr);
  std::filesystem::remove(at("a"));
  events_->look();
  EXPECT_EQ(changed_in("a"), nullptr) << "it is gone";
  directory("a");
  EXPECT_EQ(changed_in("a"), nullptr) << "another one";
  std::filesystem::rename(at("a"), at("c"));
  std::filesystem::rename(at("b"), at("a"));
  events_->look();
  EXPECT_EQ(changed_in("a"), nullptr) << "and another one";
  file("a/new");
  events_->look();
  EXPECT_THAT(changed_in("a"), Pointee(ElementsAre("new")));
}

TEST_F(EntryEventsTest, BeginsAnewWhenItIsToldTo) {
  EXPECT_EQ(changed_in("a"), nullptr);
  events_->forget();
  file("a/new");
  events_->look();
  EXPECT_EQ(changed_in("a"), nullptr);
}

TEST_F(EntryEventsTest, FollowsNoLinkAndWatchesNoFile) {
  symlink("link", "a");
  file("file");
  for (int look = 0; look < 3; ++look) {
    EXPECT_EQ(changed_in("link"), nullptr);
    EXPECT_EQ(changed_in("file"), nullptr);
    events_->look();
  }
}

TEST_F(EntryEventsTest, KnowsNothingWhereEventsWereLost) {
  EXPECT_EQ(changed_in("a"), nullptr);
  std::size_t most = 0;
  ASSERT_TRUE(std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> most);
  const std::string one = at("a/one").string();
  const std::string other = at("a/other").string();
  file("a/one");
  // Two events each.
  for (std::size_t count = 0; count <= most / 2; ++count) {
    ASSERT_EQ(std::rename((count % 2 == 0 ? one : other).c_str(), (count % 2 == 0 ? other : one).c_str()), 0);
  }
  events_->look();
  EXPECT_EQ(changed_in("a"), nullptr);
  events_->look();
  EXPECT_THAT(changed_in("a"), Pointee(IsEmpty()));
}

// A mount raises no event in what it covers.
TEST_F(EntryEventsTest, KnowsNothingOfWhatIsMountedOverADirectory) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can mount";
  const auto answers = support::in_namespaces(CLONE_NEWNS, [&]() -> std::string {
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return "not private";
    const auto events = EntryEvents::create();
    if (!events) return "no events";
    const std::string covered = at("a").string();
    std::string told;
    const auto tell = [&] {
      const std::set<std::string>* const names = events->changed_in(covered);
      told += names == nullptr ? "unknown " : "quiet ";
    };
    tell();
    events->look();
    tell();
    if (::mount("tmpfs", covered.c_str(), "tmpfs", 0, nullptr) != 0) return "not mounted";
    events->look();
    tell();
    events->look();
    tell();
    return told;
  });
  if (!answers) GTEST_SKIP() << "no mount namespace to be had";
  EXPECT_EQ(*answers, "unknown quiet unknown quiet ");
}

TEST_F(EntryEventsTest, WithItATreesAnswersAreThoseOfAFreshOneAfterAnyChanges) {
  base::expect_fresh_answers(*this, events_.get(), 0);
}

// What the watch tells is all that is looked at.
TEST_F(EntryEventsTest, WithItATreeReadsNoDirectoryAgain) {
  for (int number = 0; number < 10; ++number) file("a/" + std::to_string(number));
  base::Tree tree = open();
  ASSERT_TRUE(tree.list("/a").ok());
  tree.refresh(0, events_.get());
  std::filesystem::remove(at("a/3"));
  file("a/x");
  EXPECT_THAT(tree.refresh(0, events_.get()).entries, ElementsAre("/a/3", "/a/x"));
  EXPECT_EQ(tree.entry("/a", "3").kind, base::FileKind::missing);
  EXPECT_EQ(tree.entry("/a", "x").kind, base::FileKind::regular);
  EXPECT_THAT(tree.refresh(0, events_.get()).entries, IsEmpty());
}

// What one of them was told the other was not.
TEST_F(EntryEventsTest, TwoTreesMayAskTheSameOne) {
  base::Tree one = open();
  one.resolve("/a/new");
  one.refresh(0, events_.get());
  base::Tree other = open();
  EXPECT_EQ(describe(other.resolve("/a/new")), "missing ENOENT");
  file("a/new");
  one.refresh(0, events_.get());
  EXPECT_THAT(other.refresh(0, events_.get()).entries, testing::Contains("/a/new"));
}

// Nothing happened in the directory itself, but its path leads to another one.
TEST_F(EntryEventsTest, WithItATreeNoticesThatADirectoryAboveIsAnother) {
  file("usr/lib/x");
  file("new/lib/y");
  base::Tree tree = open();
  for (const char* const name : {"x", "y"}) tree.resolve("/usr/lib/" + std::string(name));
  tree.refresh(0, events_.get());
  std::filesystem::rename(at("usr"), at("old"));
  std::filesystem::rename(at("new"), at("usr"));
  const base::Tree::Changes changes = tree.refresh(0, events_.get());
  EXPECT_TRUE(changes.directories);
  EXPECT_THAT(changes.entries, ElementsAre("/usr", "/usr/lib", "/usr/lib/x", "/usr/lib/y"));
  EXPECT_EQ(describe(tree.resolve("/usr/lib/x")), "missing ENOENT");
  EXPECT_EQ(describe(tree.resolve("/usr/lib/y")), "regular /usr/lib/y");
}

}  // namespace
}  // namespace revdep::watch
