// The modes of revdep-paxd that end by themselves.
#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/fd.h"
#include "daemon/daemon_fixture.h"

namespace revdep::daemon {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class Once : public DaemonTest {
 protected:
  [[nodiscard]] support::Outcome once(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"--root", root(), "--once", "--log-target=stderr"});
    return run_daemon(more);
  }
};

TEST_F(Once, IsOneTurnOnTheWholeSystem) {
  const auto first = once();
  EXPECT_EQ(first.status, 0);
  EXPECT_EQ(marked("/usr/bin/a"), "em");
  EXPECT_THAT(first.err, StartsWith("revdep-paxd: info: marked /usr/bin/a [app/a-1]: user.pax.flags none -> em (m: "
                                    "/usr/lib64/libjit.so.1)\n"));
  const auto second = once();
  EXPECT_EQ(second.status, 0);
  EXPECT_EQ(second.out + second.err, "");
}

TEST_F(Once, LeavesNoStatusAndMindsNoDaemon) {
  DaemonProcess daemon(root());
  daemon.wait_for_turn();
  EXPECT_EQ(once().status, 0);
  EXPECT_EQ(daemon.wait_for_turn()["pid"], daemon.pid());
  daemon.end();
  EXPECT_EQ(once().status, 0);
  EXPECT_FALSE(std::filesystem::exists(file("/run/revdep-pax/status.json")));
}

TEST_F(Once, WhatIsPendingOrRefusedIsExitCodeOne) {
  const auto pretended = once({"--pretend"});
  EXPECT_EQ(pretended.status, 1);
  EXPECT_THAT(pretended.err, HasSubstr("would mark /usr/bin/a"));
  EXPECT_EQ(marked("/usr/bin/a"), "none");
  EXPECT_FALSE(std::filesystem::exists(file("/var/lib/revdep-pax")));
  ASSERT_EQ(::chown(file("/usr/bin/a").c_str(), 65534, 65534), 0);
  const auto refused = once();
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("error: failed to mark /usr/bin/a [app/a-1]: "));
}

TEST_F(Once, ABadRuleIsExitCodeOneAndTheOthersHold) {
  write(rules, "mrak /usr/bin/a em\nmark /usr/bin/plain em\n");
  EXPECT_EQ(once().status, 1);
  EXPECT_EQ(marked("/usr/bin/plain"), "em");
}

TEST_F(Once, WithoutADatabaseNothingCanBeDone) {
  std::filesystem::remove_all(file("/var/db/pkg"));
  const auto outcome = once();
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr(file("/var/db/pkg")));
}

TEST_F(Once, WaitsForALockAsLongAsItMay) {
  const base::Fd lock(::open(file("/var/db/.pkg.portage_lockfile").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0660));
  struct flock whole {};
  whole.l_type = F_WRLCK;
  ASSERT_EQ(::fcntl(lock.get(), F_OFD_SETLK, &whole), 0);
  const auto outcome = once({"--lock-timeout=1ms"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.err, HasSubstr("not waited for any longer"));
  EXPECT_EQ(marked("/usr/bin/a"), "em");
}

class CheckConfig : public DaemonTest {
 protected:
  [[nodiscard]] support::Outcome check(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"--root", root(), "--check-config"});
    return run_daemon(more);
  }
};

TEST_F(CheckConfig, IsSilentWhereNothingIsWrong) {
  EXPECT_EQ(check().status, 0) << "no configuration at all";
  write(settings, "settle = 1s\n");
  write(rules, "mark /usr/bin/x em\n");
  const auto outcome = check();
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out + outcome.err, "");
}

TEST_F(CheckConfig, NamesAllThatIsWrongByFileAndLine) {
  write(settings, "settle = 1s\nsetle = 2s\nmarkings = most\n");
  write(rules, "mrak /usr/bin/x em\nmark /usr/bin/y em\nmark /usr/bin/y er\n");
  const auto outcome = check();
  EXPECT_EQ(outcome.status, 1);
  for (const std::string& place :
       {file(settings) + ":2", file(settings) + ":3", file(rules) + ":1", file(rules) + ":3"})
    EXPECT_THAT(outcome.err, HasSubstr("cannot use " + place + ": ")) << place;
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 4) << outcome.err;
  EXPECT_EQ(marked("/usr/bin/a"), "none");
}

TEST_F(CheckConfig, AFileThatWasNamedHasToBeThere) {
  EXPECT_EQ(check({"--config=/etc/other.conf"}).err,
            "cannot read " + file("/etc/other.conf") + ": there is no such file\n");
  write("/etc/other.conf", "settle = soon\n");
  EXPECT_THAT(check({"--config=/etc/other.conf"}).err, HasSubstr(file("/etc/other.conf") + ":1"));
}

TEST_F(CheckConfig, AFileThatOthersCanWriteIsRefused) {
  write(rules, "mark /usr/bin/x em\n");
  ASSERT_EQ(::chmod(file(rules).c_str(), 0666), 0);
  const auto outcome = check();
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err, "cannot read " + file(rules) + ": it is writable by group or others\n");
}

class Import : public DaemonTest {};

TEST_F(Import, PrintsRulesAndNamesWhatItLeavesOut) {
  write("/paxctld.conf", "/usr/bin/x m\n/usr/bin/y mq\n");
  const auto outcome = run_daemon({"--import", "paxctld", file("/paxctld.conf")});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.out, "mark /usr/bin/x em\n");
  EXPECT_THAT(outcome.err, StartsWith("cannot import " + file("/paxctld.conf") + ":2: "));
}

TEST_F(Import, WhatItPrintsIsAConfiguration) {
  write("/paxd.conf", "em /usr/bin/plain\n");
  const auto outcome = run_daemon({"--import", "paxd", file("/paxd.conf")});
  EXPECT_EQ(outcome.status, 0);
  write(rules, outcome.out);
  EXPECT_EQ(run_daemon({"--root", root(), "--check-config"}).status, 0);
}

TEST_F(Import, AListThatCannotBeReadIsNamed) {
  const auto outcome = run_daemon({"--import", "paxd", file("/none")});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.err, "revdep-paxd: cannot read " + file("/none") + ": No such file or directory\n");
}

}  // namespace
}  // namespace revdep::daemon
