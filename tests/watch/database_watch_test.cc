#include "watch/database_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "watch/database_fixture.h"
#include "watch/file_watch.h"

namespace revdep::watch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class DatabaseWatchTest : public testing::Test, protected DatabaseFixture {
 protected:
  DatabaseWatchTest() {
    merge("app-misc/a-1");
    merge("app-misc/b-1");
    merge("sys-apps/c-1");
  }
};

TEST_F(DatabaseWatchTest, WhatIsThereAtFirstIsNoChange) {
  open();
  EXPECT_FALSE(handle());
  EXPECT_THAT(take(), IsEmpty());
  EXPECT_FALSE(watch_->polling());
}

TEST_F(DatabaseWatchTest, AFreshMergeIsAddedOnceItsDirectoryIsInPlace) {
  open();
  begin_merge("app-misc/x-1");
  EXPECT_THAT(handle_and_take(), IsEmpty());
  end_merge("app-misc/x-1");
  EXPECT_TRUE(handle());
  EXPECT_THAT(take(), ElementsAre("+app-misc/x-1"));
  EXPECT_EQ(rescan_, "");
  EXPECT_THAT(take(), IsEmpty());
}

TEST_F(DatabaseWatchTest, AnUpgradeAddsTheNewAndRemovesTheOld) {
  open();
  begin_merge("app-misc/a-2");
  unmerge("app-misc/a-1");
  end_merge("app-misc/a-2");
  EXPECT_THAT(handle_and_take(), ElementsAre("-app-misc/a-1", "+app-misc/a-2"));
}

TEST_F(DatabaseWatchTest, AReinstallReplaces) {
  open();
  begin_merge("app-misc/a-1");
  unmerge("app-misc/a-1");
  end_merge("app-misc/a-1");
  EXPECT_THAT(handle_and_take(), ElementsAre("~app-misc/a-1"));
}

TEST_F(DatabaseWatchTest, AnUnmergeRemoves) {
  open();
  unmerge("app-misc/a-1");
  EXPECT_THAT(handle_and_take(), ElementsAre("-app-misc/a-1"));
}

TEST_F(DatabaseWatchTest, WhatCameAndWentInOneTurnIsNothing) {
  open();
  merge("app-misc/x-1");
  unmerge("app-misc/x-1");
  EXPECT_THAT(handle_and_take(), IsEmpty());
}

TEST_F(DatabaseWatchTest, APackageMayMoveToAnotherCategory) {
  open();
  rename(place("app-misc/a-1"), place("sys-apps/a-1"));
  EXPECT_THAT(handle_and_take(), ElementsAre("-app-misc/a-1", "+sys-apps/a-1"));
}

TEST_F(DatabaseWatchTest, OfACategoryOnlyThePackageThatWasEditedIsReplaced) {
  open();
  edit_in_place("app-misc/b-1");
  EXPECT_THAT(handle_and_take(), ElementsAre("~app-misc/b-1"));
  touch("db/pkg/app-misc");
  EXPECT_THAT(handle_and_take(), IsEmpty());
}

TEST_F(DatabaseWatchTest, AKilledMergesLeftOverStopsNothing) {
  open();
  begin_merge("app-misc/x-1");
  EXPECT_THAT(handle_and_take(), IsEmpty());
  remove(merging("app-misc/x-1"));
  merge("app-misc/x-1");
  EXPECT_THAT(handle_and_take(), ElementsAre("+app-misc/x-1"));
}

TEST_F(DatabaseWatchTest, ABurstIsToldAtOnce) {
  open();
  for (int number = 0; number < 200; ++number) merge("dev-lib/x-" + std::to_string(number));
  EXPECT_THAT(handle_and_take(), SizeIs(200));
}

// Categories.

TEST_F(DatabaseWatchTest, TheFirstPackageOfANewCategoryIsFoundThoughItsEventsCameBeforeTheWatch) {
  open();
  merge("dev-new/x-1");
  EXPECT_THAT(handle_and_take(), ElementsAre("+dev-new/x-1"));
  merge("dev-new/y-1");
  EXPECT_THAT(handle_and_take(), ElementsAre("+dev-new/y-1"));
}

TEST_F(DatabaseWatchTest, ACategoryMayGoAndComeBack) {
  open();
  unmerge("sys-apps/c-1");
  remove("db/pkg/sys-apps");
  EXPECT_THAT(handle_and_take(), ElementsAre("-sys-apps/c-1"));
  merge("sys-apps/c-2");
  EXPECT_THAT(handle_and_take(), ElementsAre("+sys-apps/c-2"));
  merge("sys-apps/d-1");
  EXPECT_THAT(handle_and_take(), ElementsAre("+sys-apps/d-1"));
}

TEST_F(DatabaseWatchTest, ACategoryThatIsRemovedAndMadeAgainBetweenTwoReadsIsWatched) {
  open();
  remove("db/pkg/sys-apps");
  merge("sys-apps/c-2");
  EXPECT_THAT(handle_and_take(), ElementsAre("-sys-apps/c-1", "+sys-apps/c-2"));
  merge("sys-apps/d-1");
  EXPECT_THAT(handle_and_take(), ElementsAre("+sys-apps/d-1"));
}

TEST_F(DatabaseWatchTest, ACategoryMayBeRenamed) {
  open();
  rename("db/pkg/app-misc", "db/pkg/app-other");
  EXPECT_THAT(handle_and_take(), ElementsAre("-app-misc/a-1", "-app-misc/b-1", "+app-other/a-1", "+app-other/b-1"));
  unmerge("app-other/a-1");
  EXPECT_THAT(handle_and_take(), ElementsAre("-app-other/a-1"));
}

TEST_F(DatabaseWatchTest, ACategoryThatWasMovedOutIsWatchedNoLonger) {
  open();
  rename("db/pkg/app-misc", "moved");
  EXPECT_THAT(handle_and_take(), ElementsAre("-app-misc/a-1", "-app-misc/b-1"));
  make("moved/x-1");
  EXPECT_FALSE(handle());
}

// The database as a whole.

TEST_F(DatabaseWatchTest, AMissingDatabaseIsAwaitedHoweverMuchOfItsPathIsMissing) {
  remove("db");
  open();
  EXPECT_THAT(take(), ElementsAre("no database"));
  EXPECT_FALSE(watch_->polling());
  make("db");
  EXPECT_THAT(handle_and_take(), ElementsAre("no database"));
  make("db/pkg");
  EXPECT_THAT(handle_and_take(), IsEmpty());
  merge("app-misc/a-1");
  EXPECT_THAT(handle_and_take(), ElementsAre("+app-misc/a-1"));
}

TEST_F(DatabaseWatchTest, ADatabaseThatAppearsWithItsPackagesAddsThem) {
  rename("db", "elsewhere");
  open();
  rename("elsewhere", "db");
  EXPECT_THAT(handle_and_take(), ElementsAre("+app-misc/a-1", "+app-misc/b-1", "+sys-apps/c-1"));
  EXPECT_EQ(rescan_, "the package database is there now");
}

TEST_F(DatabaseWatchTest, ADatabaseThatIsMovedAwayRemovesNoPackage) {
  for (const std::string name : {"db/pkg", "db"}) {
    open();
    rename(name, "elsewhere");
    EXPECT_TRUE(handle());
    EXPECT_THAT(take(), ElementsAre("no database")) << name;
    rename("elsewhere", name);
    merge("app-misc/x-" + std::to_string(name.size()));
    EXPECT_THAT(handle_and_take(), ElementsAre("+app-misc/x-" + std::to_string(name.size())));
    unmerge("app-misc/x-" + std::to_string(name.size()));
    EXPECT_THAT(handle_and_take(), SizeIs(1)) << "not watched again";
  }
}

TEST_F(DatabaseWatchTest, ADatabaseThatIsReplacedIsCompared) {
  make("new/app-misc/x-1");
  open();
  rename("db/pkg/sys-apps", "new/sys-apps");
  rename("db/pkg", "old");
  rename("new", "db/pkg");
  EXPECT_THAT(handle_and_take(), ElementsAre("-app-misc/a-1", "-app-misc/b-1", "+app-misc/x-1"));
  merge("app-misc/y-1");
  EXPECT_THAT(handle_and_take(), ElementsAre("+app-misc/y-1"));
}

TEST_F(DatabaseWatchTest, AnEmptyDirectoryInPlaceOfTheDatabaseIsNotBelieved) {
  open();
  rename("db/pkg", "old");
  make("db/pkg");
  EXPECT_THAT(handle_and_take(), ElementsAre("no database"));
  merge("app-misc/x-1");
  EXPECT_THAT(handle_and_take(), ElementsAre("-app-misc/a-1", "-app-misc/b-1", "+app-misc/x-1", "-sys-apps/c-1"));
}

TEST_F(DatabaseWatchTest, ADatabaseThatWasEmptiedIsBelieved) {
  open();
  remove("db/pkg/app-misc");
  EXPECT_THAT(handle_and_take(), ElementsAre("-app-misc/a-1", "-app-misc/b-1"));
  remove("db/pkg/sys-apps");
  watch_->rescan("because");
  EXPECT_THAT(take(), ElementsAre("-sys-apps/c-1"));
}

TEST_F(DatabaseWatchTest, ThePathMayLeadThroughSymlinksThatChange) {
  make("other/pkg/app-misc/x-1");
  link("link", "db");
  path_ = "link/pkg";
  open();
  merge("app-misc/y-1");
  EXPECT_THAT(handle_and_take(), ElementsAre("+app-misc/y-1"));
  remove("link");
  link("link", "other");
  EXPECT_THAT(handle_and_take(),
              ElementsAre("-app-misc/a-1", "-app-misc/b-1", "+app-misc/x-1", "-app-misc/y-1", "-sys-apps/c-1"));
  make("other/pkg/app-misc/z-1");
  EXPECT_THAT(handle_and_take(), ElementsAre("+app-misc/z-1"));
}

TEST_F(DatabaseWatchTest, ARescanFindsWhatNoEventTold) {
  open();
  merge("app-misc/x-1");
  ASSERT_FALSE(inotify_->read()->empty());  // lost
  EXPECT_THAT(take(), IsEmpty());
  watch_->rescan("because");
  EXPECT_THAT(take(), ElementsAre("+app-misc/x-1"));
  EXPECT_EQ(rescan_, "because");
  EXPECT_THAT(take(), IsEmpty());
  EXPECT_EQ(rescan_, "");
}

TEST_F(DatabaseWatchTest, SharesItsDirectoriesWithAFileWatch) {
  open();
  FileWatch files(*inotify_, root_.string());
  ASSERT_THAT(files.set({"/db/pkg/app-misc/file", "/db/pkg/", "/db/.lock"}), IsEmpty());
  merge("app-misc/x-1");
  merge("dev-new/x-1");
  support::write_file(root_ / "db/pkg/app-misc/file", "");
  support::write_file(root_ / "db/.lock", "");
  const auto events = inotify_->read();
  EXPECT_TRUE(watch_->handle(*events));
  EXPECT_THAT(take(), ElementsAre("+app-misc/x-1", "+dev-new/x-1"));
  EXPECT_THAT(files.handle(*events).paths,
              ElementsAre("/db/.lock", "/db/pkg/app-misc", "/db/pkg/app-misc/file", "/db/pkg/dev-new"));

  ASSERT_THAT(files.set({}), IsEmpty());
  merge("app-misc/y-1");
  merge("dev-newer/x-1");
  EXPECT_THAT(handle_and_take(), ElementsAre("+app-misc/y-1", "+dev-newer/x-1"));
  rename("db/pkg", "elsewhere");
  EXPECT_THAT(handle_and_take(), ElementsAre("no database"));
}

}  // namespace
}  // namespace revdep::watch
