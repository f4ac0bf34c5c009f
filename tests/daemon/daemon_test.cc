// A running revdep-paxd: what it takes up, by which signals it is steered, and how it begins and ends.
#include <sys/stat.h>

#include <csignal>
#include <filesystem>

#include "daemon/daemon_fixture.h"

namespace revdep::daemon {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST_F(DaemonTest, TheFirstTurnMarksWhatIsInstalled) {
  DaemonProcess daemon(root());
  const auto status = daemon.wait_for_turn();
  EXPECT_EQ(marked("/usr/bin/a"), "em");
  EXPECT_EQ(marked("/usr/bin/plain"), "none");
  EXPECT_EQ(status["totals"]["packages"], 4);
  EXPECT_EQ(status["totals"]["marked"], 1);
  EXPECT_EQ(status["last_turn"]["objects"], 4);
  EXPECT_THAT(daemon.log(),
              HasSubstr("info: marked /usr/bin/a [app/a-1]: user.pax.flags none -> em (m: /usr/lib64/libjit.so.1)\n"));
}

TEST_F(DaemonTest, APackageThatIsMergedIsMarkedByATurnOfItsOwn) {
  DaemonProcess daemon(root());
  const auto before = daemon.wait_for_turn();
  root_->merge(user("app/b-1", "/usr/bin/b"));
  const auto after = daemon.wait_for_turn(before["turns"]);
  EXPECT_EQ(marked("/usr/bin/b"), "em");
  EXPECT_EQ(after["last_turn"]["full"], false);
  EXPECT_EQ(after["last_turn"]["packages"], 1);
  EXPECT_EQ(after["totals"]["packages"], 5);
  EXPECT_EQ(after["totals"]["marked"], 2);
}

TEST_F(DaemonTest, ABurstIsOneTurnOnceItHasSettled) {
  DaemonProcess daemon(root(), {"--settle=1s"});
  const auto before = daemon.wait_for_turn();
  for (const char* const name : {"b", "c", "d"})
    root_->merge(user(std::string("app/") + name + "-1", "/opt/" + std::string(name)));
  const auto after = daemon.wait_for_turn(before["turns"]);
  EXPECT_EQ(after["turns"], before["turns"].get<int>() + 1);
  EXPECT_EQ(after["last_turn"]["packages"], 3);
  EXPECT_EQ(marked("/opt/d"), "em");
}

TEST_F(DaemonTest, NothingIsTakenUpWhileAPackageIsMerged) {
  DaemonProcess daemon(root());
  const auto before = daemon.wait_for_turn();
  // Under Portage's lock the package's directory is in place long before the merge is over.
  root_->merge(user("app/b-1", "/usr/bin/b"), "", [&](support::MergeStep step) {
    if (step != support::MergeStep::registry) return true;
    const auto waiting = daemon.wait_until([](const auto& status) { return status["idle"] == false; });
    EXPECT_EQ(waiting["turns"], before["turns"]);
    return true;
  });
  daemon.wait_for_turn(before["turns"]);
  EXPECT_EQ(marked("/usr/bin/b"), "em");
  EXPECT_EQ(daemon.count_in_log("not waited for"), 0U);
}

TEST_F(DaemonTest, ALockThatIsHeldTooLongIsNotWaitedFor) {
  DaemonProcess daemon(root(), {"--lock-timeout=1ms"});
  const auto before = daemon.wait_for_turn();
  root_->merge(user("app/b-1", "/usr/bin/b"), "", [&](support::MergeStep step) {
    if (step != support::MergeStep::registry) return true;
    daemon.wait_for_turn(before["turns"]);
    EXPECT_EQ(marked("/usr/bin/b"), "em");
    return true;
  });
  EXPECT_THAT(daemon.log(), HasSubstr("warning: " + file("/var/db/.pkg.portage_lockfile") + " has been locked for"));
}

TEST_F(DaemonTest, ADaemonThatIsStartedByAMergeDoesNotWaitForItsEnd) {
  std::optional<DaemonProcess> daemon;
  root_->merge(user("app/b-1", "/usr/bin/b"), "", [&](support::MergeStep step) {
    if (step != support::MergeStep::registry) return true;
    daemon.emplace(root());
    daemon->wait_until([](const auto& status) { return status["turns"] == 1; });
    EXPECT_EQ(marked("/usr/bin/b"), "em");
    return true;
  });
  EXPECT_EQ(daemon->wait_for_turn(1)["last_turn"]["full"], true) << "what the merge did after that is looked at";
}

TEST_F(DaemonTest, ALibraryThatIsMarkedByHandIsFollowed) {
  DaemonProcess daemon(root());
  const auto before = daemon.wait_for_turn();
  set_flags(jit, "mr");
  daemon.wait_for_turn(before["turns"]);
  EXPECT_EQ(marked("/usr/bin/a"), "emr");
}

TEST_F(DaemonTest, AFileThatNoRuleNamesAndNobodyLoadsCausesNoTurn) {
  DaemonProcess daemon(root());
  const auto before = daemon.wait_for_turn();
  write("/usr/lib64/notes.txt", "none of its business");
  daemon.send(SIGUSR1);
  const auto after = daemon.wait_for_turn(before["turns"]);
  EXPECT_EQ(after["turns"], before["turns"].get<int>() + 1) << "only the one that was asked for";
}

TEST_F(DaemonTest, AFileThatARuleNamesIsMarkedWhereverItLies) {
  write(rules, "mark /home/games/jit em\n");
  DaemonProcess daemon(root());
  daemon.wait_for_turn();
  elf_builder::write_object(file("/home/games/new"), program({}));
  std::filesystem::rename(file("/home/games/new"), file("/home/games/jit"));
  const auto is_marked = [this] { return marked("/home/games/jit") == "em"; };
  daemon.wait_for_file(file("/home/games/jit"), is_marked);
  ASSERT_EQ(::removexattr(file("/home/games/jit").c_str(), "user.pax.flags"), 0);
  daemon.wait_for_file(file("/home/games/jit"), is_marked);
  EXPECT_EQ(daemon.end(), 0);
}

TEST_F(DaemonTest, Usr1IsAFullTurn) {
  DaemonProcess daemon(root());
  const auto before = daemon.wait_for_turn();
  daemon.send(SIGUSR1);
  EXPECT_EQ(daemon.wait_for_turn(before["turns"])["last_turn"]["full"], true);
}

TEST_F(DaemonTest, TermEndsItAndTakesTheStatusAway) {
  DaemonProcess daemon(root());
  daemon.wait_for_turn();
  EXPECT_EQ(daemon.end(), 0);
  EXPECT_FALSE(std::filesystem::exists(file("/run/revdep-pax/status.json")));
  EXPECT_EQ(support::read_file(file("/run/revdep-pax/daemon.lock")), "");
}

TEST_F(DaemonTest, ASecondOneIsRefusedAndTheFirstNamed) {
  DaemonProcess daemon(root());
  daemon.wait_for_turn();
  const auto second = run_daemon({"--root", root(), "--log-target=stderr"});
  EXPECT_EQ(second.status, 2);
  EXPECT_EQ(second.err, "revdep-paxd: cannot start on " + root() + ": another revdep-paxd runs there, process " +
                            std::to_string(daemon.pid()) + "\n");
  EXPECT_TRUE(std::filesystem::exists(file("/run/revdep-pax/status.json")));
  const auto third = run_daemon({"--root", root(), "--log-target=file:" + file("/third.log")});
  EXPECT_EQ(third.err, second.err);
  EXPECT_THAT(support::read_file(file("/third.log")), HasSubstr("error: cannot start on " + root()))
      << "standard error may go nowhere";
}

TEST_F(DaemonTest, OneThatWasKilledIsNoHindrance) {
  {
    DaemonProcess killed(root());
    killed.wait_for_turn();
    killed.send(SIGKILL);
    EXPECT_EQ(killed.wait(), 128 + SIGKILL);
  }
  EXPECT_TRUE(std::filesystem::exists(file("/run/revdep-pax/status.json")));
  EXPECT_EQ(run_program(root(), {"--status"}).status, 1);
  DaemonProcess daemon(root());
  daemon.wait_for_turn();
  EXPECT_EQ(daemon.end(), 0);
}

TEST_F(DaemonTest, ADirectoryThatOthersCanWriteIsNoPlaceForTheLock) {
  std::filesystem::create_directories(file("/run/revdep-pax"));
  ASSERT_EQ(::chmod(file("/run").c_str(), 0777), 0);
  const auto outcome = run_daemon({"--root", root(), "--log-target=stderr"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("is writable by group or others"));
}

TEST_F(DaemonTest, WithoutADatabaseItWaitsForOne) {
  std::filesystem::rename(file("/var/db"), file("/var/moved"));
  DaemonProcess daemon(root());
  const auto waiting = daemon.wait_until([](const auto& status) { return status["idle"] == true; });
  EXPECT_EQ(waiting["database"], false);
  EXPECT_EQ(waiting["turns"], 0);
  EXPECT_EQ(marked("/usr/bin/a"), "none");
  EXPECT_EQ(daemon.count_in_log("there is no package database " + file("/var/db/pkg") + ": waiting for it"), 1U);
  EXPECT_THAT(run_program(root(), {"--status"}).out, HasSubstr("waits for the package database"));
  std::filesystem::rename(file("/var/moved"), file("/var/db"));
  EXPECT_EQ(daemon.wait_for_turn()["database"], true);
  EXPECT_EQ(marked("/usr/bin/a"), "em");
}

TEST_F(DaemonTest, OneThatPretendsWritesNothing) {
  std::filesystem::create_directories(file("/run/revdep-pax"));
  write("/daemon.log", "");
  DaemonProcess daemon(root(), {"--pretend"});
  daemon.wait_for_file(file("/daemon.log"), [&] { return daemon.count_in_log("4 objects known") > 0; });
  EXPECT_THAT(daemon.log(), HasSubstr("would mark /usr/bin/a [app/a-1]: user.pax.flags none -> em"));
  EXPECT_EQ(daemon.end(), 0);
  EXPECT_EQ(marked("/usr/bin/a"), "none");
  EXPECT_TRUE(std::filesystem::is_empty(file("/run/revdep-pax")));
  EXPECT_FALSE(std::filesystem::exists(file("/var/lib/revdep-pax")));
}

TEST_F(DaemonTest, AProblemIsToldOnce) {
  write("/usr/bin/broken", "\177ELF but cut off");
  std::filesystem::permissions(file("/usr/bin/broken"), std::filesystem::perms(0755));
  write("/var/db/pkg/app/broken-1/NEEDED.ELF.2", "X86_64;/usr/bin/broken;;;libjit.so.1;x86_64\n");
  DaemonProcess daemon(root());
  const auto first = daemon.wait_for_turn();
  daemon.send(SIGUSR1);
  daemon.wait_for_turn(first["turns"]);
  EXPECT_EQ(daemon.count_in_log("/usr/bin/broken"), 1U) << daemon.log();
}

TEST_F(DaemonTest, NothingIsToldOfATurnThatDidNothing) {
  DaemonProcess first(root(), {"--log-level=info"});
  first.wait_for_turn();
  first.end();
  const std::string log = first.log();
  DaemonProcess second(root(), {"--log-level=info"});
  second.wait_for_turn();
  EXPECT_EQ(second.log(), log);
}

}  // namespace
}  // namespace revdep::daemon
