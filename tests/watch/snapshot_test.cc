#include "watch/snapshot.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "support/child.h"
#include "support/temp_dir.h"

namespace revdep::watch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

vdb::PackageName name(const std::string& category, const std::string& pf) { return {category, pf}; }

class SnapshotTest : public testing::Test {
 protected:
  void package(const std::string& path, std::time_t seconds, long nanoseconds) const {
    std::filesystem::create_directories(root_ / path);
    const timespec times[2] = {{0, UTIME_OMIT}, {seconds, nanoseconds}};
    ASSERT_EQ(::utimensat(AT_FDCWD, (root_ / path).c_str(), times, 0), 0);
  }
  vdb::Database open() const { return *vdb::Database::open(root_.string()); }

  support::TempDir root_;
  std::vector<base::Error> problems_;
};

TEST_F(SnapshotTest, HasEachPackagesStampToTheNanosecond) {
  package("app-misc/a-1", 1700000000, 123456789);
  package("app-misc/b-1", 0, 1);
  package("sys-apps/a-1", 5, 0);
  EXPECT_THAT(read_snapshot(open(), {}, problems_),
              ElementsAre(Pair("app-misc", ElementsAre(Pair("a-1", 1700000000123456789), Pair("b-1", 1))),
                          Pair("sys-apps", ElementsAre(Pair("a-1", 5000000000)))));
  EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(SnapshotTest, WhatIsNoPackageIsNotInIt) {
  package("app-misc/-MERGING-a-1", 1, 0);
  package("app-misc/.hidden-1", 1, 0);
  package("empty", 1, 0);
  package("elsewhere/a-1", 1, 0);
  support::write_file(root_ / "app-misc/.a:0.portage_lockfile", "");
  support::write_file(root_ / "app-misc/file-1", "");
  std::filesystem::create_symlink("../elsewhere/a-1", root_ / "app-misc/link-1");
  std::filesystem::create_symlink("elsewhere", root_ / "linked");
  EXPECT_THAT(read_snapshot(open(), {}, problems_),
              ElementsAre(Pair("elsewhere", ElementsAre(Pair("a-1", 1000000000)))));
}

TEST_F(SnapshotTest, SomeCategoriesAreReadAlone) {
  package("a/x-1", 1, 0);
  package("b/x-1", 1, 0);
  EXPECT_THAT(read_snapshot(open(), {"b", "missing"}, {}, problems_), ElementsAre(Pair("b", testing::SizeIs(1))));
  EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(SnapshotTest, ADatabaseThatWasRemovedMeanwhileIsEmpty) {
  package("pkg/a/x-1", 1, 0);
  const vdb::Database database = *vdb::Database::open((root_ / "pkg").string());
  std::filesystem::remove_all(root_ / "pkg");
  EXPECT_THAT(read_snapshot(database, {{"a", {{"x-1", 1}}}}, problems_), IsEmpty());
  EXPECT_THAT(problems_, IsEmpty());
}

TEST(Snapshot, WhatCannotBeListedCountsAsItWas) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  const std::string said = support::as_ordinary_user([]() -> std::string {
    const support::TempDir root;
    std::filesystem::create_directories(root / "a/x-2");
    std::filesystem::create_directories(root / "b/x-2");
    ::chmod((root / "a").c_str(), 0);
    const Snapshot before = {{"a", {{"x-1", 1}}}, {"b", {{"x-1", 1}}}};
    std::vector<base::Error> problems;
    const Snapshot after = read_snapshot(*vdb::Database::open(root.string()), before, problems);
    ::chmod((root / "a").c_str(), 0700);
    if (problems.size() != 1 || problems[0].object != (root / "a").string()) return "not told once";
    return (after.contains("a") ? after.at("a").begin()->first : "none") + ' ' + after.at("b").begin()->first;
  });
  EXPECT_EQ(said, "x-1 x-2");
}

TEST(Snapshot, TheDifferenceIsWhatCameWentOrHasAnotherStamp) {
  const Snapshot before = {{"a", {{"gone-1", 1}, {"other-1", 1}, {"same-1", 1}}}, {"went", {{"x-1", 1}}}};
  const Snapshot after = {{"a", {{"new-1", 1}, {"other-1", 2}, {"same-1", 1}}}, {"came", {{"x-1", 1}}}};
  EXPECT_THAT(
      diff(before, after, {}),
      ElementsAre(Pair(name("a", "gone-1"), PackageChange::removed), Pair(name("a", "new-1"), PackageChange::added),
                  Pair(name("a", "other-1"), PackageChange::replaced), Pair(name("came", "x-1"), PackageChange::added),
                  Pair(name("went", "x-1"), PackageChange::removed)));
}

TEST(Snapshot, AnOlderStampIsADifferenceToo) {
  EXPECT_THAT(diff({{"a", {{"x-1", 2}}}}, {{"a", {{"x-1", 1}}}}, {}),
              ElementsAre(Pair(name("a", "x-1"), PackageChange::replaced)));
}

TEST(Snapshot, ATouchedPackageIsReplacedEvenIfItsStampIsTheSame) {
  const Snapshot same = {{"a", {{"x-1", 1}, {"y-1", 1}}}};
  EXPECT_THAT(diff(same, same, {name("a", "x-1"), name("a", "missing-1")}),
              ElementsAre(Pair(name("a", "x-1"), PackageChange::replaced)));
}

}  // namespace
}  // namespace revdep::watch
