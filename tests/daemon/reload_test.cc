// SIGHUP: a good configuration comes into force as a whole, a bad one not at all.
#include <csignal>
#include <filesystem>

#include "daemon/daemon_fixture.h"

namespace revdep::daemon {
namespace {

using testing::HasSubstr;

class Reload : public DaemonTest {};

TEST_F(Reload, NewRulesAreInForceForTheWholeSystem) {
  DaemonProcess daemon(root());
  const auto before = daemon.wait_for_turn();
  EXPECT_EQ(before["rules"], 0);
  write(rules, "mark /usr/bin/plain emr\n");
  daemon.send(SIGHUP);
  const auto after = daemon.wait_for_turn(before["turns"]);
  EXPECT_EQ(after["rules"], 1);
  EXPECT_EQ(marked("/usr/bin/plain"), "emr");
}

TEST_F(Reload, ABadRuleIsNamedAndTheOldRulesStayInForce) {
  write(rules, "mark /usr/bin/plain em\n");
  DaemonProcess daemon(root());
  const auto before = daemon.wait_for_turn();
  EXPECT_EQ(marked("/usr/bin/plain"), "em");
  write(rules, "mark /usr/bin/plain emr\nmrak /usr/bin/a em\nmark relative em\n");
  daemon.send(SIGHUP);
  daemon.wait_for_file(file("/daemon.log"), [&] { return daemon.count_in_log("reload refused") == 1; });
  EXPECT_THAT(daemon.log(), HasSubstr(file(rules) + ":2: "));
  EXPECT_THAT(daemon.log(), HasSubstr(file(rules) + ":3: "));
  // The rules in force, not those of the file, hold for what is installed next.
  root_->merge({"app/plain-1", {{"/usr/bin/plain", program({}), "", {}}}, {}}, "app/plain-1");
  daemon.wait_for_turn(before["turns"]);
  EXPECT_EQ(marked("/usr/bin/plain"), "em");
}

TEST_F(Reload, ABadSettingIsNamedAndTheOldOnesStayInForce) {
  write(settings, "withdraw = no\n");
  DaemonProcess daemon(root());
  const auto before = daemon.wait_for_turn();
  write(settings, "withdraw = yes\nsettle = soon\n");
  daemon.send(SIGHUP);
  daemon.wait_for_file(file("/daemon.log"), [&] { return daemon.count_in_log("reload refused") == 1; });
  EXPECT_THAT(daemon.log(), HasSubstr(file(settings) + ":2: "));
  ASSERT_EQ(::removexattr(file(jit).c_str(), "user.pax.flags"), 0);
  daemon.wait_for_turn(before["turns"]);
  EXPECT_EQ(marked("/usr/bin/a"), "em") << "nothing is withdrawn";
  write(settings, "withdraw = yes\n");
  daemon.send(SIGHUP);
  daemon.wait_until([&](const auto&) { return marked("/usr/bin/a") == "none"; });
}

TEST_F(Reload, AtTheStartABadLineIsNamedAndTheOthersHold) {
  write(rules, "mrak /usr/bin/a em\nmark /usr/bin/plain em\n");
  DaemonProcess daemon(root());
  EXPECT_EQ(daemon.wait_for_turn()["rules"], 1);
  EXPECT_EQ(marked("/usr/bin/plain"), "em");
  EXPECT_THAT(daemon.log(), HasSubstr(file(rules) + ":1: "));
}

TEST_F(Reload, TheLogIsOpenedAgain) {
  DaemonProcess daemon(root());
  daemon.wait_for_turn();
  std::filesystem::rename(file("/daemon.log"), file("/daemon.log.1"));
  write("/daemon.log", "");
  daemon.send(SIGHUP);
  daemon.wait_for_file(file("/daemon.log"), [&] { return daemon.count_in_log("configuration read again") == 1; });
}

TEST_F(Reload, TheSettingsOfTheCommandLineOverrideTheFilesStill) {
  DaemonProcess daemon(root(), {"--withdraw=no"});
  const auto before = daemon.wait_for_turn();
  write(settings, "withdraw = yes\n");
  daemon.send(SIGHUP);
  const auto reloaded = daemon.wait_for_turn(before["turns"]);
  ASSERT_EQ(::removexattr(file(jit).c_str(), "user.pax.flags"), 0);
  daemon.wait_for_turn(reloaded["turns"]);
  EXPECT_EQ(marked("/usr/bin/a"), "em");
}

}  // namespace
}  // namespace revdep::daemon
