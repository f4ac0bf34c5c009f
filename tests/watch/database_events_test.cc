#include "watch/database_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/inotify.h>

#include <string>
#include <vector>

namespace revdep::watch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr WatchId above{1}, root{2}, misc{3}, apps{4}, unknown{9};

const DatabaseWatches watches = {root, {{misc, "app-misc"}, {apps, "sys-apps"}}, {{above, "pkg"}}};

RawEvent directory(WatchId watch, std::uint32_t mask, std::string name = "", std::uint32_t cookie = 0) {
  return {watch, mask | IN_ISDIR, cookie, std::move(name)};
}
RawEvent attrib(WatchId watch) { return directory(watch, IN_ATTRIB); }
RawEvent create(WatchId watch, std::string name) { return directory(watch, IN_CREATE, std::move(name)); }
RawEvent remove(WatchId watch, std::string name) { return directory(watch, IN_DELETE, std::move(name)); }
RawEvent from(WatchId watch, std::string name, std::uint32_t cookie = 7) {
  return directory(watch, IN_MOVED_FROM, std::move(name), cookie);
}
RawEvent to(WatchId watch, std::string name, std::uint32_t cookie = 7) {
  return directory(watch, IN_MOVED_TO, std::move(name), cookie);
}

Changes changes_of(const std::vector<RawEvent>& events) {
  Changes changes;
  for (const RawEvent& event : events) note_event(watches, event, changes);
  return changes;
}

// "P cat/pf", "A category to compare", "C category to be watched anew", "R why".
std::vector<std::string> texts(const Changes& changes) {
  std::vector<std::string> texts;
  for (const vdb::PackageName& package : changes.packages) texts.push_back("P " + to_string(package));
  for (const std::string& category : changes.compare) texts.push_back("A " + category);
  for (const std::string& category : changes.categories) texts.push_back("C " + category);
  if (!changes.rescan.empty()) texts.push_back("R " + std::string(changes.rescan));
  return texts;
}

std::vector<std::string> told(const std::vector<RawEvent>& events) { return texts(changes_of(events)); }

// The sequences that Portage makes.

TEST(DatabaseEvents, AFreshMergeIsThePackageOnce) {
  EXPECT_THAT(
      told({attrib(misc), create(misc, "-MERGING-x-1"), from(misc, "-MERGING-x-1"), to(misc, "x-1"), attrib(misc)}),
      ElementsAre("P app-misc/x-1", "A app-misc"));
}

TEST(DatabaseEvents, ANewCategoryIsToBeWatched) {
  EXPECT_THAT(told({create(root, "dev-new")}), ElementsAre("C dev-new"));
}

TEST(DatabaseEvents, AnUpgradeIsTheOldAndTheNewPackage) {
  EXPECT_THAT(told({attrib(misc), create(misc, "-MERGING-x-2"), attrib(misc), attrib(misc), remove(misc, "x-1"),
                    from(misc, "-MERGING-x-2"), to(misc, "x-2"), attrib(misc)}),
              ElementsAre("P app-misc/x-1", "P app-misc/x-2", "A app-misc"));
}

TEST(DatabaseEvents, AReinstallIsThePackage) {
  EXPECT_THAT(told({attrib(misc), create(misc, "-MERGING-x-1"), attrib(misc), attrib(misc), remove(misc, "x-1"),
                    from(misc, "-MERGING-x-1"), to(misc, "x-1"), attrib(misc)}),
              ElementsAre("P app-misc/x-1", "A app-misc"));
}

TEST(DatabaseEvents, AnUnmergeIsThePackage) {
  EXPECT_THAT(told({attrib(misc), attrib(misc), remove(misc, "x-1")}), ElementsAre("P app-misc/x-1", "A app-misc"));
}

TEST(DatabaseEvents, WithItsLastPackageTheCategoryGoes) {
  EXPECT_THAT(told({attrib(misc),
                    attrib(misc),
                    remove(misc, "x-1"),
                    directory(misc, IN_DELETE_SELF),
                    {misc, IN_IGNORED, 0, ""},
                    remove(root, "app-misc")}),
              ElementsAre("P app-misc/x-1", "A app-misc", "C app-misc"));
}

TEST(DatabaseEvents, APackageMoveIsBothNames) {
  EXPECT_THAT(told({from(misc, "x-1"), to(misc, "y-1")}), ElementsAre("P app-misc/x-1", "P app-misc/y-1"));
}

TEST(DatabaseEvents, APackageMoveAcrossCategoriesIsBothNames) {
  EXPECT_THAT(told({from(misc, "x-1"), to(apps, "x-1")}), ElementsAre("P app-misc/x-1", "P sys-apps/x-1"));
}

TEST(DatabaseEvents, ASlotMoveABlockerOrAPreservedLibraryMeansToCompare) {
  EXPECT_THAT(told({attrib(misc)}), ElementsAre("A app-misc"));
}

TEST(DatabaseEvents, ALeftOverOfAKilledMergeIsNoPackageWhenItIsMergedAgain) {
  EXPECT_THAT(
      told({remove(misc, "-MERGING-x-1"), create(misc, "-MERGING-x-1"), from(misc, "-MERGING-x-1"), to(misc, "x-1")}),
      ElementsAre("P app-misc/x-1"));
}

TEST(DatabaseEvents, ACategoryThatIsRemovedAndMadeAgainMeanwhileIsToBeWatchedAnew) {
  EXPECT_THAT(told({remove(misc, "-MERGING-x-1"),
                    directory(misc, IN_DELETE_SELF),
                    {misc, IN_IGNORED, 0, ""},
                    remove(root, "app-misc"),
                    create(root, "app-misc")}),
              ElementsAre("C app-misc"));
}

TEST(DatabaseEvents, AMergeThatIsKilledSaysNothing) {
  Changes changes;
  EXPECT_FALSE(note_event(watches, create(misc, "-MERGING-x-1"), changes));
  EXPECT_THAT(texts(changes), IsEmpty());
}

// The ways in which sequences arrive.

TEST(DatabaseEvents, ARenameIsTheSameWhenItsHalvesComeInTwoReads) {
  Changes changes = changes_of({from(misc, "x-1")});
  changes.add(changes_of({to(apps, "x-1")}));
  EXPECT_THAT(texts(changes), ElementsAre("P app-misc/x-1", "P sys-apps/x-1"));
}

TEST(DatabaseEvents, APackageThatLeavesTheDatabaseIsTouched) {
  EXPECT_THAT(told({from(misc, "x-1")}), ElementsAre("P app-misc/x-1"));
}

TEST(DatabaseEvents, APackageThatComesFromElsewhereIsTouched) {
  EXPECT_THAT(told({to(misc, "x-1")}), ElementsAre("P app-misc/x-1"));
  EXPECT_THAT(told({create(misc, "x-1")}), ElementsAre("P app-misc/x-1"));
}

TEST(DatabaseEvents, ACategoryThatIsMovedIsToBeWatchedAnewUnderBothNames) {
  EXPECT_THAT(told({from(root, "app-misc"), to(root, "app-other"), directory(misc, IN_MOVE_SELF)}),
              ElementsAre("C app-misc", "C app-other"));
}

TEST(DatabaseEvents, HoweverTheWatchOfACategoryEndsItIsToBeWatchedAnew) {
  for (const unsigned mask : {0U | IN_DELETE_SELF, 0U | IN_MOVE_SELF, 0U | IN_UNMOUNT, 0U | IN_IGNORED}) {
    EXPECT_THAT(told({{misc, mask, 0, ""}}), ElementsAre("C app-misc")) << mask;
  }
}

TEST(DatabaseEvents, LocksHiddenNamesAndFilesAreNoPackagesAndNoCategories) {
  for (const WatchId watch : {root, misc}) {
    for (const char* const name : {".hidden-1", "-MERGING-x-1", ".x:0.portage_lockfile", ".pkg.portage_lockfile"}) {
      for (const unsigned mask : {0U | IN_CREATE, 0U | IN_DELETE, 0U | IN_MOVED_FROM, 0U | IN_MOVED_TO}) {
        Changes changes;
        EXPECT_FALSE(note_event(watches, directory(watch, mask, name), changes)) << name;
        EXPECT_THAT(texts(changes), IsEmpty()) << name;
      }
    }
    for (const char* const name : {"file-1", "x.portage_lockfile", ".x:0.portage_lockfile"}) {
      Changes changes;
      EXPECT_FALSE(note_event(watches, {watch, IN_CREATE, 0, name}, changes)) << name;
      EXPECT_THAT(texts(changes), IsEmpty()) << name;
    }
  }
}

TEST(DatabaseEvents, EventsThatOnlyOtherUsersAskedForSayNothing) {
  for (const WatchId watch : {above, root, misc}) {
    Changes changes;
    EXPECT_FALSE(note_event(watches, {watch, IN_CLOSE_WRITE, 0, "pkg"}, changes));
    EXPECT_THAT(texts(changes), IsEmpty());
  }
  EXPECT_THAT(told({attrib(above), attrib(root)}), IsEmpty());
}

TEST(DatabaseEvents, AWatchThatIsNoneOfItsOwnSaysNothing) {
  Changes changes;
  EXPECT_FALSE(note_event(watches, create(unknown, "x-1"), changes));
  EXPECT_FALSE(note_event(watches, {unknown, IN_IGNORED, 0, ""}, changes));
  EXPECT_THAT(texts(changes), IsEmpty());
}

struct Rescan {
  RawEvent event;
  const char* why;
};

TEST(DatabaseEvents, WhatLeavesNothingSureMeansARescanAndSaysWhy) {
  const std::vector<Rescan> cases = {
      {{WatchId{-1}, IN_Q_OVERFLOW, 0, ""}, "fs.inotify.max_queued_events"},
      {directory(root, IN_DELETE_SELF), "removed"},
      {directory(root, IN_MOVE_SELF), "moved"},
      {directory(root, IN_UNMOUNT), "unmounted"},
      {{root, IN_IGNORED, 0, ""}, "removed"},
      {create(above, "pkg"), "leads elsewhere"},
      {to(above, "pkg"), "leads elsewhere"},
      {from(above, "pkg"), "leads elsewhere"},
      {remove(above, "pkg"), "leads elsewhere"},
      {{above, IN_CREATE, 0, "pkg"}, "leads elsewhere"},  // a symlink
      {{above, IN_IGNORED, 0, ""}, "leads elsewhere"},
  };
  for (const Rescan& rescan : cases) {
    Changes changes;
    EXPECT_TRUE(note_event(watches, rescan.event, changes)) << rescan.why;
    EXPECT_THAT(std::string(changes.rescan), HasSubstr(rescan.why));
  }
}

TEST(DatabaseEvents, OtherEntriesBesideTheDatabaseSayNothing) {
  EXPECT_THAT(told({create(above, "pkg2"), {above, IN_CREATE, 0, ".pkg.portage_lockfile"}}), IsEmpty());
}

TEST(DatabaseEvents, TheFirstReasonForARescanIsTold) {
  Changes changes = changes_of({directory(root, IN_UNMOUNT), {root, IN_IGNORED, 0, ""}});
  changes.add(changes_of({{WatchId{-1}, IN_Q_OVERFLOW, 0, ""}}));
  EXPECT_THAT(std::string(changes.rescan), HasSubstr("unmounted"));
}

TEST(DatabaseEvents, WhileThereIsNoDatabaseOnlyItsPathCounts) {
  const DatabaseWatches waiting = {{}, {}, {{above, "db"}}};
  Changes changes;
  EXPECT_FALSE(note_event(waiting, create(root, "x"), changes));
  EXPECT_TRUE(note_event(waiting, create(above, "db"), changes));
  EXPECT_THAT(texts(changes), ElementsAre(HasSubstr("leads elsewhere")));
}

}  // namespace
}  // namespace revdep::watch
