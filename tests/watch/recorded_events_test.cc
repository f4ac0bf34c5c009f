// The steps of Portage's merges, done on a directory: what the kernel says of them is what the other tests write out, and
// what they take it to mean.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "support/temp_dir.h"
#include "watch/database_events.h"
#include "watch/events.h"
#include "watch/way.h"

namespace revdep::watch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class RecordedEvents : public testing::Test {
 protected:
  RecordedEvents() {
    std::filesystem::create_directories(root_ / "app-misc/old-1");
    std::filesystem::create_directories(root_ / "sys-apps");
    watches_.root = add("", IN_DELETE_SELF | IN_MOVE_SELF);
    for (const char* const category : {"app-misc", "sys-apps"}) {
      watches_.categories[add(category, IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF)] = category;
    }
  }

  WatchId add(const std::string& name, std::uint32_t mask) {
    auto watch = inotify_->add((root_ / name).string(), mask | entry_events);
    shares_.push_back(**std::move(watch));
    return shares_.back().id();
  }

  void make(const std::string& name) const { std::filesystem::create_directory(root_ / name); }
  void rename(const std::string& name, const std::string& other) const {
    std::filesystem::rename(root_ / name, root_ / other);
  }
  void remove(const std::string& name) const { std::filesystem::remove_all(root_ / name); }
  void touch(const std::string& name) const { ASSERT_EQ(::utimensat(AT_FDCWD, (root_ / name).c_str(), nullptr, 0), 0); }

  // The events of one watch, the root's when `category` is empty; all are noted in changes_.
  void record() {
    for (const RawEvent& event : wait_for_events(*inotify_)) {
      note_event(watches_, event, changes_);
      const auto category = watches_.categories.find(event.watch);
      texts_[category == watches_.categories.end() ? "" : category->second].push_back(to_text(event));
    }
  }
  std::vector<std::string> packages() const {
    std::vector<std::string> names;
    for (const vdb::PackageName& package : changes_.packages) names.push_back(to_string(package));
    return names;
  }

  support::TempDir root_;
  std::unique_ptr<Inotify> inotify_ = *Inotify::create();
  std::vector<Watch> shares_;
  DatabaseWatches watches_;
  Changes changes_;
  std::map<std::string, std::vector<std::string>> texts_;
};

TEST_F(RecordedEvents, FreshMerge) {
  touch("app-misc");
  make("app-misc/-MERGING-x-1");
  support::write_file(root_ / "app-misc/-MERGING-x-1/CONTENTS", "");
  rename("app-misc/-MERGING-x-1", "app-misc/x-1");
  touch("app-misc");
  record();
  EXPECT_THAT(texts_["app-misc"], ElementsAre("ATTRIB,ISDIR", "CREATE,ISDIR -MERGING-x-1",
                                              "MOVED_FROM,ISDIR -MERGING-x-1", "MOVED_TO,ISDIR x-1", "ATTRIB,ISDIR"));
  EXPECT_THAT(packages(), ElementsAre("app-misc/x-1"));
}

TEST_F(RecordedEvents, FirstInANewCategory) {
  make("dev-new");
  record();
  EXPECT_THAT(texts_[""], ElementsAre("CREATE,ISDIR dev-new"));
  EXPECT_THAT(changes_.categories, ElementsAre("dev-new"));
}

TEST_F(RecordedEvents, Upgrade) {
  touch("app-misc");
  make("app-misc/-MERGING-old-2");
  touch("app-misc");
  remove("app-misc/old-1");
  rename("app-misc/-MERGING-old-2", "app-misc/old-2");
  touch("app-misc");
  record();
  EXPECT_THAT(texts_["app-misc"],
              ElementsAre("ATTRIB,ISDIR", "CREATE,ISDIR -MERGING-old-2", "ATTRIB,ISDIR", "DELETE,ISDIR old-1",
                          "MOVED_FROM,ISDIR -MERGING-old-2", "MOVED_TO,ISDIR old-2", "ATTRIB,ISDIR"));
  EXPECT_THAT(packages(), ElementsAre("app-misc/old-1", "app-misc/old-2"));
}

TEST_F(RecordedEvents, UnmergeOfTheLastInItsCategory) {
  touch("app-misc");
  remove("app-misc/old-1");
  remove("app-misc");
  record();
  EXPECT_THAT(texts_["app-misc"], ElementsAre("ATTRIB,ISDIR", "DELETE,ISDIR old-1", "DELETE_SELF", "IGNORED"));
  EXPECT_THAT(texts_[""], ElementsAre("DELETE,ISDIR app-misc"));
  EXPECT_THAT(packages(), ElementsAre("app-misc/old-1"));
  EXPECT_THAT(changes_.categories, ElementsAre("app-misc"));
}

TEST_F(RecordedEvents, PackageMoveAcrossCategories) {
  rename("app-misc/old-1", "sys-apps/old-1");
  record();
  EXPECT_THAT(texts_["app-misc"], ElementsAre("MOVED_FROM,ISDIR old-1"));
  EXPECT_THAT(texts_["sys-apps"], ElementsAre("MOVED_TO,ISDIR old-1"));
  EXPECT_THAT(packages(), ElementsAre("app-misc/old-1", "sys-apps/old-1"));
}

TEST_F(RecordedEvents, EditInPlace) {
  support::write_file(root_ / "app-misc/old-1/CONTENTS.tmp", "");
  rename("app-misc/old-1/CONTENTS.tmp", "app-misc/old-1/CONTENTS");
  touch("app-misc");
  record();
  EXPECT_THAT(texts_["app-misc"], ElementsAre("ATTRIB,ISDIR"));
  EXPECT_THAT(packages(), IsEmpty());
  EXPECT_THAT(changes_.compare, ElementsAre("app-misc"));
}

TEST_F(RecordedEvents, LeftOverMergedAgainInACategoryMadeAgain) {
  make("sys-apps/-MERGING-x-1");
  remove("sys-apps/-MERGING-x-1");
  remove("sys-apps");
  make("sys-apps");
  make("sys-apps/-MERGING-x-1");
  record();
  EXPECT_THAT(texts_["sys-apps"],
              ElementsAre("CREATE,ISDIR -MERGING-x-1", "DELETE,ISDIR -MERGING-x-1", "DELETE_SELF", "IGNORED"));
  EXPECT_THAT(texts_[""], ElementsAre("DELETE,ISDIR sys-apps", "CREATE,ISDIR sys-apps"));
  EXPECT_THAT(packages(), IsEmpty());
  EXPECT_THAT(changes_.categories, ElementsAre("sys-apps"));
}

TEST_F(RecordedEvents, DatabaseMoved) {
  const std::filesystem::path elsewhere = root_.string() + ".moved";
  std::filesystem::rename(root_.path(), elsewhere);
  record();
  EXPECT_THAT(texts_[""], ElementsAre("MOVE_SELF"));
  EXPECT_FALSE(changes_.rescan.empty());
  std::filesystem::rename(elsewhere, root_.path());
}

}  // namespace
}  // namespace revdep::watch
