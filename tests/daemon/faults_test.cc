// What goes wrong under a running daemon: it is killed, it misses events, files cannot be changed. Afterwards all is as a
// fresh full pass would leave it.
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "daemon/daemon_fixture.h"
#include "support/random_history.h"

namespace revdep::daemon {
namespace {

using Json = DaemonProcess::Json;
using testing::HasSubstr;

using Faults = DaemonTest;

// REVDEP_CASES: how many bursts.
std::size_t bursts() {
  const char* const wish = std::getenv("REVDEP_CASES");
  return wish != nullptr ? std::strtoul(wish, nullptr, 10) : 15;
}

TEST_F(Faults, KilledAtAnyMomentTheNextOneFinishesItsWork) {
  support::RandomHistory history(*root_, 11);
  std::mt19937 dice(11);
  std::size_t killed_at_work = 0;
  for (std::size_t burst = 0; burst < bursts(); ++burst) {
    std::string story;
    {
      DaemonProcess daemon(root());
      // Somewhere in its first turn, or in one of those that follow.
      const bool waits = dice() % 2 == 0;
      if (waits) daemon.wait_for_turn();
      for (int step = 0; step < 5; ++step) story += history.step().what + '\n';
      // The moment is what is tried here: any will do.
      ::usleep(static_cast<useconds_t>(dice() % 30'000));
      const std::string status = file("/run/revdep-pax/status.json");
      if (std::filesystem::exists(status) && Json::parse(support::read_file(status)).at("idle") == false) {
        ++killed_at_work;
      }
      daemon.send(SIGKILL);
    }
    DaemonProcess again(root());
    again.wait_for_turn();
    ASSERT_EQ(find_left(), "") << "after\n" << story << again.log();
    ASSERT_EQ(again.end(), 0);
  }
  EXPECT_GT(killed_at_work, 0U);
}

TEST_F(Faults, AfterAQueueOverflowAllIsLookedAtAgain) {
  DaemonProcess daemon(root());
  const Json before = daemon.wait_for_turn();
  daemon.send(SIGSTOP);
  const std::string limit = support::read_file("/proc/sys/fs/inotify/max_queued_events");
  const std::string category = file("/var/db/pkg/app/");
  // Neighbours in the queue that are equal are one.
  for (unsigned long event = 0; event < std::stoul(limit) / 2 + 1; ++event) {
    std::filesystem::create_directory(category + "-MERGING-x");
    std::filesystem::remove(category + "-MERGING-x");
  }
  root_->merge(user("app/b-1", "/usr/bin/b"));
  daemon.send(SIGCONT);
  daemon.wait_for_file(file("/usr/bin/b"), [this] { return marked("/usr/bin/b") == "em"; });
  daemon.wait_for_turn(before.at("turns"));
  EXPECT_THAT(daemon.log(), HasSubstr("all is looked at again: "));
  EXPECT_EQ(find_left(), "");
}

// The words before a program's own that let it have three watches, too few for anything.
std::vector<std::string> with_few_watches() {
  return {"unshare", "--map-root-user", "sh", "-c", "echo 3 >/proc/sys/user/max_inotify_watches && exec \"$@\"", "sh"};
}

bool can_limit_watches() {
  std::vector<std::string> words = with_few_watches();
  words.emplace_back("true");
  return support::run(words).status == 0;
}

TEST_F(Faults, WithoutWatchesAFullPassFindsAllTheSame) {
  if (!can_limit_watches()) GTEST_SKIP() << "no user namespaces with a limit of their own";
  DaemonProcess daemon(root(), {}, {}, with_few_watches());
  const Json before = daemon.wait_for_turn();
  EXPECT_EQ(before.at("polling"), true);
  EXPECT_EQ(marked("/usr/bin/a"), "em");
  EXPECT_THAT(daemon.log(), HasSubstr("no watch is left; the sysctl fs.inotify.max_user_watches says how many"));
  EXPECT_EQ(daemon.count_in_log("not everything can be watched: it is looked at every 30 s instead"), 1U);
  root_->merge(user("app/b-1", "/usr/bin/b"));
  root_->merge({"lib/jit-2", {{jit, library("libjit.so.1"), "mr", {}}}, {}}, "lib/jit-1");
  root_->unmerge("app/plain-1");
  daemon.send(SIGUSR1);
  daemon.wait_for_turn(before.at("turns"));
  EXPECT_EQ(marked("/usr/bin/a"), "emr");
  EXPECT_EQ(marked("/usr/bin/b"), "emr");
  EXPECT_EQ(find_left(), "");
  // The database's watch and that of files say it, each once.
  EXPECT_EQ(daemon.count_in_log("no watch is left"), 2U) << daemon.log();
  EXPECT_EQ(daemon.end(), 0);
}

TEST_F(Faults, WithoutWatchesAMissingDatabaseIsLookedForNowAndThen) {
  if (!can_limit_watches()) GTEST_SKIP() << "no user namespaces with a limit of their own";
  std::filesystem::rename(file("/var/db/pkg"), file("/var/db/away"));
  DaemonProcess daemon(root(), {}, {}, with_few_watches());
  daemon.wait_until([](const Json& status) { return status.at("polling") == true; });
  EXPECT_EQ(daemon.count_in_log("it is looked at every 30 s"), 1U);
  EXPECT_EQ(daemon.end(), 0);
}

TEST_F(Faults, AFileThatCannotBeChangedIsNamedAndTriedAgain) {
  DaemonProcess daemon(root());
  const Json before = daemon.wait_for_turn();
  if (support::run({"chattr", "+i", file("/usr/bin/plain")}).status != 0) GTEST_SKIP() << "no immutable files here";
  support::run({"chattr", "-i", file("/usr/bin/plain")});
  root_->merge(user("app/b-1", "/usr/bin/b"), "", [&](support::MergeStep step) {
    if (step == support::MergeStep::record) support::run({"chattr", "+i", file("/usr/bin/b")});
    return true;
  });
  const Json failed = daemon.wait_for_turn(before.at("turns"));
  EXPECT_EQ(failed.at("last_turn").at("failed"), 1);
  EXPECT_EQ(failed.at("last_turn").at("pending"), 1);
  EXPECT_THAT(daemon.log(), HasSubstr("/usr/bin/b"));
  support::run({"chattr", "-i", file("/usr/bin/b")});
  daemon.send(SIGUSR1);
  daemon.wait_for_file(file("/usr/bin/b"), [this] { return marked("/usr/bin/b") == "em"; });
}

TEST_F(Faults, ADamagedJournalIsSetAside) {
  DaemonProcess daemon(root());
  const Json before = daemon.wait_for_turn();
  support::write_file(file("/var/lib/revdep-pax/state.db"), std::string(4096, 'x'));
  root_->merge(user("app/b-1", "/usr/bin/b"));
  daemon.wait_for_turn(before.at("turns"));
  EXPECT_EQ(marked("/usr/bin/b"), "em");
  EXPECT_THAT(daemon.log(), HasSubstr("state.db.damaged-"));
}

}  // namespace
}  // namespace revdep::daemon
