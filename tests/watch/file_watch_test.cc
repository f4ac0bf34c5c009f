#include "watch/file_watch.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "support/child.h"
#include "support/temp_dir.h"
#include "watch/events.h"

namespace revdep::watch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class FileWatchTest : public testing::Test {
 protected:
  void write(const std::string& name) const { support::write_file(root_ / name, "text"); }
  void make(const std::string& name) const { std::filesystem::create_directories(root_ / name); }
  void rename(const std::string& name, const std::string& other) const {
    std::filesystem::rename(root_ / name, root_ / other);
  }
  void remove(const std::string& name) const { std::filesystem::remove_all(root_ / name); }
  void link(const std::string& name, const std::string& target) const {
    std::filesystem::create_symlink(target, root_ / name);
  }
  void set(const std::vector<std::string>& paths) { EXPECT_THAT(files_.set(paths), IsEmpty()); }

  // Nothing runs at the same time, so the events of what was done are there.
  std::vector<std::string> touched() {
    const FileEvents events = files_.handle(*inotify_->read());
    EXPECT_THAT(events.errors, IsEmpty());
    EXPECT_FALSE(files_.polling());
    return events.paths;
  }

  support::TempDir root_;
  std::unique_ptr<Inotify> inotify_ = *Inotify::create();
  FileWatch files_{*inotify_, root_.string()};
};

struct Action {
  std::string name;
  std::function<void(const std::filesystem::path& file)> act;
};

void write_by_mapping(const std::filesystem::path& file) {
  const base::Fd fd(::open(file.c_str(), O_RDWR | O_CLOEXEC));
  void* const memory = ::mmap(nullptr, 4, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  ASSERT_NE(memory, MAP_FAILED);
  static_cast<char*>(memory)[0] = 'x';
  ::munmap(memory, 4);
}

TEST_F(FileWatchTest, WhateverHappensToAFileTouchesItAndNotItsNeighbour) {
  const std::vector<Action> actions = {
      {"create", [](const auto& file) { support::write_file(file, "text"); }},
      {"write",
       [](const auto& file) {
         std::filesystem::resize_file(file, 3);
         support::write_file(file, "more");
       }},
      {"map", write_by_mapping},
      {"chmod", [](const auto& file) { ::chmod(file.c_str(), 0600); }},
      {"xattr", [](const auto& file) { EXPECT_EQ(::setxattr(file.c_str(), "user.pax.flags", "em", 2, 0), 0); }},
      {"replace",
       [](const auto& file) {
         support::write_file(file.string() + "#new", "text");
         std::filesystem::rename(file.string() + "#new", file);
       }},
      {"move away", [](const auto& file) { std::filesystem::rename(file, file.string() + ".old"); }},
      {"move back", [](const auto& file) { std::filesystem::rename(file.string() + ".old", file); }},
      {"remove", [](const auto& file) { std::filesystem::remove(file); }},
  };
  make("bin");
  set({"/bin/tool", "/bin/tool2", "/bin/tool#"});
  for (const Action& action : actions) {
    action.act(root_ / "bin/tool");
    EXPECT_THAT(touched(), ElementsAre("/bin/tool")) << action.name;
  }
}

TEST_F(FileWatchTest, ReadingTouchesNothing) {
  write("bin/tool");
  set({"/bin/tool"});
  EXPECT_EQ(support::read_file(root_ / "bin/tool"), "text");
  EXPECT_THAT(touched(), IsEmpty());
}

TEST_F(FileWatchTest, AFileIsSeenComingHoweverMuchOfItsPathIsMissing) {
  set({"/opt/app/bin/tool"});
  for (const char* const name : {"opt", "opt/app", "opt/app/bin"}) {
    make(name);
    EXPECT_THAT(touched(), ElementsAre("/opt/app/bin/tool")) << name;
  }
  write("opt/app/bin/tool");
  EXPECT_THAT(touched(), ElementsAre("/opt/app/bin/tool"));
}

TEST_F(FileWatchTest, APathThatIsMadeAtOnceIsWatchedToItsEnd) {
  set({"/opt/app/bin/tool"});
  write("opt/app/bin/tool");
  EXPECT_THAT(touched(), ElementsAre("/opt/app/bin/tool"));
  ::chmod((root_ / "opt/app/bin/tool").c_str(), 0600);
  EXPECT_THAT(touched(), ElementsAre("/opt/app/bin/tool"));
}

TEST_F(FileWatchTest, ADirectoryOnTheWayMayBeReplaced) {
  write("opt/app/bin/tool");
  write("opt/app.new/bin/tool");
  set({"/opt/app/bin/tool"});
  rename("opt/app", "opt/app.old");
  rename("opt/app.new", "opt/app");
  EXPECT_THAT(touched(), ElementsAre("/opt/app/bin/tool"));
  write("opt/app.old/bin/tool");
  EXPECT_THAT(touched(), IsEmpty());
  write("opt/app/bin/tool");
  EXPECT_THAT(touched(), ElementsAre("/opt/app/bin/tool"));
}

TEST_F(FileWatchTest, ADirectoryOnTheWayMayGoAndComeBack) {
  write("opt/bin/tool");
  set({"/opt/bin/tool"});
  remove("opt");
  EXPECT_THAT(touched(), ElementsAre("/opt/bin/tool"));
  write("opt/bin/tool");
  EXPECT_THAT(touched(), ElementsAre("/opt/bin/tool"));
  write("opt/bin/tool");
  EXPECT_THAT(touched(), ElementsAre("/opt/bin/tool"));
}

TEST_F(FileWatchTest, SymlinksAreFollowedAndWatched) {
  write("app-1/tool");
  write("app-2/tool");
  make("opt");
  link("opt/app", "../app-1");
  make("bin");
  link("bin/tool", "/opt/../opt/app/./tool");  // absolute: from the root that is watched
  set({"/bin/tool"});
  write("app-1/tool");
  EXPECT_THAT(touched(), ElementsAre("/bin/tool"));
  link("opt/app.new", "../app-2");
  rename("opt/app.new", "opt/app");
  EXPECT_THAT(touched(), ElementsAre("/bin/tool"));
  write("app-1/tool");
  EXPECT_THAT(touched(), IsEmpty());
  write("app-2/tool");
  EXPECT_THAT(touched(), ElementsAre("/bin/tool"));
}

TEST_F(FileWatchTest, DotDotDoesNotLeaveTheRoot) {
  write("bin/tool");
  set({"/../../bin/tool"});
  write("bin/tool");
  EXPECT_THAT(touched(), ElementsAre("/../../bin/tool"));
}

TEST_F(FileWatchTest, ALoopOfSymlinksIsAMissingFileUntilItIsBroken) {
  link("a", "b");
  link("b", "a");
  set({"/a/tool"});
  EXPECT_THAT(touched(), IsEmpty());
  remove("b");
  make("b");
  EXPECT_THAT(touched(), ElementsAre("/a/tool"));
  write("b/tool");
  EXPECT_THAT(touched(), ElementsAre("/a/tool"));
}

TEST_F(FileWatchTest, OfADirectoryEveryEntryIsTold) {
  make("etc/rules.d");
  set({"/etc/rules.d/"});
  write("etc/rules.d/b.conf");
  write("etc/rules.d/a.conf");
  EXPECT_THAT(touched(), ElementsAre("/etc/rules.d/a.conf", "/etc/rules.d/b.conf"));
  rename("etc/rules.d/a.conf", "etc/rules.d/c.conf");
  remove("etc/rules.d/b.conf");
  EXPECT_THAT(touched(), ElementsAre("/etc/rules.d/a.conf", "/etc/rules.d/b.conf", "/etc/rules.d/c.conf"));
}

TEST_F(FileWatchTest, OfADirectoryItsOwnComingGoingAndModeAreTold) {
  set({"/etc/rules.d/"});
  make("etc/rules.d");
  EXPECT_THAT(touched(), ElementsAre("/etc/rules.d/"));
  ::chmod((root_ / "etc/rules.d").c_str(), 0777);
  EXPECT_THAT(touched(), ElementsAre("/etc/rules.d/"));
  remove("etc/rules.d");
  EXPECT_THAT(touched(), ElementsAre("/etc/rules.d/"));
  make("etc/rules.d");
  EXPECT_THAT(touched(), ElementsAre("/etc/rules.d/"));
  write("etc/rules.d/a.conf");
  EXPECT_THAT(touched(), ElementsAre("/etc/rules.d/a.conf"));
}

TEST_F(FileWatchTest, AFileAndItsDirectoryAreBothToldOnce) {
  make("etc");
  set({"/etc/a.conf", "/etc/", "/etc/a.conf"});
  write("etc/a.conf");
  write("etc/b.conf");
  EXPECT_THAT(touched(), ElementsAre("/etc/a.conf", "/etc/b.conf"));
}

TEST_F(FileWatchTest, ANewSetReplacesTheOld) {
  make("bin");
  set({"/bin/a", "/bin/b"});
  set({"/bin/b", "/bin/c"});
  for (const char* const name : {"bin/a", "bin/b", "bin/c"}) write(name);
  EXPECT_THAT(touched(), ElementsAre("/bin/b", "/bin/c"));
  set({});
  write("bin/b");
  EXPECT_THAT(touched(), IsEmpty());
}

TEST_F(FileWatchTest, AfterAnOverflowEveryPathCountsAsTouchedAndIsFollowedAnew) {
  make("opt");
  set({"/opt/b", "/opt/bin/a"});
  make("opt/bin");
  ASSERT_FALSE(inotify_->read()->empty());  // lost
  const std::vector<RawEvent> overflow = {{WatchId{-1}, IN_Q_OVERFLOW, 0, ""}};
  EXPECT_THAT(files_.handle(overflow).paths, ElementsAre("/opt/b", "/opt/bin/a"));
  write("opt/bin/a");
  EXPECT_THAT(touched(), ElementsAre("/opt/bin/a"));
}

TEST(FileWatch, WhatCannotBeWatchedIsToldOnceAndCanBeTriedAgain) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  const std::string said = support::as_ordinary_user([]() -> std::string {
    const support::TempDir root;
    for (const char* const name : {"a/tool", "b/tool", "c/tool"}) support::write_file(root / name, "");
    const auto inotify = *Inotify::create();
    FileWatch files(*inotify, root.string());
    ::chmod((root / "a").c_str(), 0300);
    ::chmod((root / "b").c_str(), 0300);
    std::string text;
    const auto tell = [&](const std::vector<base::Error>& errors, const std::vector<std::string>& paths) {
      for (const base::Error& error : errors) text += error.to_string().replace(13, root.string().size(), "") + "; ";
      for (const std::string& path : paths) text += path + ' ';
      text += files.polling() ? "polling\n" : "watching\n";
    };
    tell(files.set({"/a/tool", "/b/tool", "/c/tool"}), {});
    FileEvents again = files.recheck();
    tell(again.errors, again.paths);
    ::chmod((root / "a").c_str(), 0700);
    ::chmod((root / "b").c_str(), 0700);
    again = files.recheck();
    tell(again.errors, again.paths);
    return text;
  });
  EXPECT_EQ(said,
            "cannot watch /a: Permission denied; polling\n"
            "/a/tool /b/tool polling\n"
            "/a/tool /b/tool watching\n");
}

}  // namespace
}  // namespace revdep::watch
