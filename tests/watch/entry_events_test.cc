// Real directories, real inotify: what a tree need not look at.
#include "watch/entry_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/tree_fixture.h"
#include "base/tree_history.h"

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

// Not on this file system, but as if: a symlink and a file are no directory that could be watched.
TEST_F(EntryEventsTest, FollowsNoLink) {
  symlink("link", "a");
  file("file");
  for (int look = 0; look < 3; ++look) {
    EXPECT_EQ(changed_in("link"), nullptr);
    EXPECT_EQ(changed_in("file"), nullptr);
    events_->look();
  }
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

}  // namespace
}  // namespace revdep::watch
