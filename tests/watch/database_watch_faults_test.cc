// What goes wrong around a DatabaseWatch: events lost, watches exhausted, filesystems that come and go, no permission.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <vector>

#include "support/child.h"
#include "watch/database_fixture.h"
#include "watch/events.h"

namespace revdep::watch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string line(const std::vector<std::string>& texts) {
  std::string line;
  for (const std::string& text : texts) line += text + "; ";
  return line + '\n';
}

std::string without(std::string text, const std::string& part) {
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos;) text.erase(at, part.size());
  return text;
}

TEST(DatabaseWatchFaults, AfterAnOverflowEverythingIsComparedAndWatched) {
  std::size_t most_queued = 0;
  std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> most_queued;
  if (most_queued == 0 || most_queued > 100000) GTEST_SKIP() << "the queue is too long to fill";
  DatabaseFixture database;
  database.merge("app-misc/a-1");
  database.open();
  for (std::size_t count = 0; count <= most_queued / 2; ++count) {
    database.rename("db/pkg/app-misc", "db/pkg/app-b");
    database.rename("db/pkg/app-b", "db/pkg/app-misc");
  }
  database.merge("app-misc/x-1");
  database.merge("dev-new/x-1");
  EXPECT_THAT(database.handle_and_take(), ElementsAre("+app-misc/x-1", "+dev-new/x-1"));
  EXPECT_THAT(database.rescan_, HasSubstr("fs.inotify.max_queued_events"));
  database.merge("dev-new/y-1");
  EXPECT_THAT(database.handle_and_take(), ElementsAre("+dev-new/y-1"));
  EXPECT_EQ(database.rescan_, "");
}

TEST(DatabaseWatchFaults, WithoutWatchesRescansFindTheSameAndItIsSaidOnce) {
  DatabaseFixture database;
  database.merge("app-misc/a-1");
  database.merge("sys-apps/b-1");
  const auto said = support::in_namespaces(CLONE_NEWUSER, [&]() -> std::string {
    database.inotify_ = *Inotify::create();
    std::string text;
    const auto step = [&](const std::vector<std::string>& taken) {
      text += (database.watch_->polling() ? "polling: " : "watching: ") + line(taken);
    };
    if (!support::set_user_limit("max_inotify_watches", 3)) return "no limit set";
    database.open();
    step(database.take());
    database.merge("sys-apps/c-1");
    database.merge("dev-new/d-1");
    database.handle();
    database.watch_->rescan("period");
    step(database.take());
    support::set_user_limit("max_inotify_watches", 100);
    database.watch_->rescan("period");
    step(database.take());
    database.merge("dev-new/e-1");
    step(database.handle_and_take());
    support::set_user_limit("max_inotify_watches", 3);
    database.merge("dev-newer/f-1");
    step(database.handle_and_take());
    return without(text, database.root_.string());
  });
  if (!said) GTEST_SKIP() << "no user namespaces";
  const auto error = [](const std::string& object) {
    return "cannot watch " + object +
           ": no watch is left; the sysctl fs.inotify.max_user_watches says how many there are; \n";
  };
  // The path's directories alone take more than three.
  EXPECT_THAT(*said, testing::StartsWith("polling: cannot watch "));
  EXPECT_EQ(said->substr(said->find('\n') + 1),
            "polling: +dev-new/d-1; +sys-apps/c-1; \n"
            "watching: \n"
            "watching: +dev-new/e-1; \n"
            "polling: +dev-newer/f-1; " +
                error("/db/pkg/dev-newer"));
}

TEST(DatabaseWatchFaults, AnUnmountedDatabaseRemovesNoPackage) {
  DatabaseFixture database;
  database.make("db/pkg");
  const auto said = support::in_namespaces(CLONE_NEWNS, [&]() -> std::string {
    const std::string place = database.root_ / "db/pkg";
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return "not private";
    if (::mount("none", place.c_str(), "tmpfs", 0, nullptr) != 0) return "not mounted";
    database.merge("app-misc/a-1");
    database.open();
    std::string text = line(database.take());
    // No event is lost, whether the kernel ends the watches before umount() returns or a little later.
    ::umount(place.c_str());
    database.watch_->handle(wait_for_events(*database.inotify_));
    text += line(database.take());
    text += database.watch_->polling() ? "polling\n" : "watching\n";
    database.merge("app-misc/b-1");
    text += line(database.handle_and_take());
    return text;
  });
  if (!said) GTEST_SKIP() << "no mount namespaces";
  EXPECT_EQ(*said,
            "\n"
            "no database; \nwatching\n"
            "-app-misc/a-1; +app-misc/b-1; \n");
}

TEST(DatabaseWatchFaults, AFilesystemThatIsMountedOverTheDatabaseIsFoundByARescan) {
  DatabaseFixture database;
  database.merge("app-misc/a-1");
  const auto said = support::in_namespaces(CLONE_NEWNS, [&]() -> std::string {
    const std::string place = database.root_ / "db/pkg";
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return "not private";
    database.open();
    if (::mount("none", place.c_str(), "tmpfs", 0, nullptr) != 0) return "not mounted";
    database.make("db/pkg/app-misc/b-1");
    std::string text = line(database.handle_and_take());
    database.watch_->rescan("asked for");
    text += line(database.take());
    database.make("db/pkg/app-misc/c-1");
    text += line(database.handle_and_take());
    return text;
  });
  if (!said) GTEST_SKIP() << "no mount namespaces";
  EXPECT_EQ(*said, "\n-app-misc/a-1; +app-misc/b-1; \n+app-misc/c-1; \n");
}

TEST(DatabaseWatchFaults, ACategoryThatCannotBeReadKeepsItsPackagesAndIsToldOnce) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  const std::string said = support::as_ordinary_user([]() -> std::string {
    DatabaseFixture database;
    database.merge("app-misc/a-1");
    database.merge("app-misc/b-1");
    database.merge("sys-apps/c-1");
    database.open();
    std::string text = line(database.take());
    database.unmerge("app-misc/a-1");
    ::chmod((database.root_ / "db/pkg/app-misc").c_str(), 0);
    text += line(database.handle_and_take());
    text += database.watch_->polling() ? "polling\n" : "watching\n";
    database.watch_->rescan("period");
    text += line(database.take());
    ::chmod((database.root_ / "db/pkg/app-misc").c_str(), 0700);
    database.watch_->rescan("period");
    text += line(database.take());
    text += database.watch_->polling() ? "polling\n" : "watching\n";
    return without(text, database.root_.string());
  });
  EXPECT_EQ(said,
            "\n"
            "~app-misc/a-1; cannot list /db/pkg/app-misc: Permission denied; \npolling\n"
            "cannot watch /db/pkg/app-misc: Permission denied; \n"
            "-app-misc/a-1; \nwatching\n");
}

}  // namespace
}  // namespace revdep::watch
