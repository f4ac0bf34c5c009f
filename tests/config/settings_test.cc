#include "config/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/program_options.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace revdep::config {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

namespace po = boost::program_options;

struct Outcome {
  Settings settings;
  std::vector<std::string> errors;
};

Outcome read(std::string_view text, const std::vector<std::string>& arguments = {}) {
  std::vector<base::Error> errors;
  std::vector<GivenSetting> given = parse_settings(text, "a.conf", errors);
  po::variables_map options;
  po::store(po::command_line_parser(arguments).options(settings_options()).run(), options);
  for (GivenSetting& setting : given_settings(options)) given.push_back(std::move(setting));
  Outcome outcome;
  outcome.settings = check_settings(given, errors);
  for (const base::Error& error : errors) outcome.errors.push_back(error.to_string());
  return outcome;
}

Settings good(std::string_view text, const std::vector<std::string>& arguments = {}) {
  Outcome outcome = read(text, arguments);
  EXPECT_THAT(outcome.errors, IsEmpty());
  return std::move(outcome.settings);
}

std::string fault(std::string_view line) {
  const Outcome outcome = read(line);
  EXPECT_EQ(outcome.settings, Settings{}) << "what cannot be is left out";
  return outcome.errors.size() == 1 ? outcome.errors[0] : "errors: " + std::to_string(outcome.errors.size());
}

TEST(Settings, WithoutAnyTheDefaultsHold) {
  const Settings settings = good("\n# settle = 1s\n   # x\n\t\n");
  EXPECT_EQ(settings, Settings{});
  EXPECT_EQ(settings.settle, 500ms);
  EXPECT_EQ(settings.max_delay, 10s);
  EXPECT_TRUE(settings.withdraw);
  EXPECT_FALSE(settings.kernel);
}

TEST(Settings, EachIsRead) {
  const Settings settings = good(
      "markings = both\n"
      "kernel = softmode=yes,xattr=no\n"
      "settle=0\n"
      "  max-delay  =  2s  # seconds\r\n"
      "lock-timeout = 1500ms\n"
      "withdraw = no\n"
      "state = /srv/a b/state.db\n"
      "vdb = /srv/pkg\n"
      "log-target = file:/var/log/x\n"
      "log-level = debug\n"
      "metrics-file = /var/lib/node/x.prom");
  EXPECT_EQ(settings.markings, Markings::both);
  ASSERT_TRUE(settings.kernel);
  EXPECT_TRUE(settings.kernel->softmode);
  EXPECT_FALSE(settings.kernel->reads_xattr);
  EXPECT_EQ(settings.settle, 0ms);
  EXPECT_EQ(settings.max_delay, 2s);
  EXPECT_EQ(settings.lock_timeout, 1500ms);
  EXPECT_FALSE(settings.withdraw);
  EXPECT_EQ(settings.state, "/srv/a b/state.db");
  EXPECT_EQ(settings.vdb, "/srv/pkg");
  EXPECT_EQ(settings.log_target, (LogTarget{LogTarget::Kind::file, "/var/log/x"}));
  EXPECT_EQ(settings.log_level, "debug");
  EXPECT_EQ(settings.metrics_file, "/var/lib/node/x.prom");
}

TEST(Settings, EveryWordHasItsMeaning) {
  EXPECT_EQ(good("markings = auto").markings, Markings::automatic);
  EXPECT_EQ(good("markings = xattr").markings, Markings::xattr);
  EXPECT_EQ(good("markings = pt").markings, Markings::pt);
  EXPECT_TRUE(good("withdraw = yes").withdraw);
  EXPECT_EQ(good("log-target = auto").log_target.kind, LogTarget::Kind::automatic);
  EXPECT_EQ(good("log-target = journald").log_target.kind, LogTarget::Kind::journald);
  EXPECT_EQ(good("log-target = syslog").log_target.kind, LogTarget::Kind::syslog);
  EXPECT_EQ(good("log-target = stderr").log_target.kind, LogTarget::Kind::standard_error);
}

TEST(Settings, TheCommandLineOverridesTheFile) {
  const Settings settings = good("settle = 2s\nwithdraw = no\n", {"--settle", "1s", "--log-level=warn"});
  EXPECT_EQ(settings.settle, 1s);
  EXPECT_FALSE(settings.withdraw);
  EXPECT_EQ(settings.log_level, "warn");
}

TEST(Settings, AnUnknownNameIsNamedWithTheNearestKnownOne) {
  EXPECT_EQ(fault("setle = 1s"), "cannot use a.conf:1: unknown setting 'setle'; did you mean 'settle'?");
  EXPECT_EQ(fault("max_delay = 1s"), "cannot use a.conf:1: unknown setting 'max_delay'; did you mean 'max-delay'?");
  EXPECT_EQ(
      fault("root = /"),
      "cannot use a.conf:1: unknown setting 'root'; known are: markings, kernel, settle, max-delay, lock-timeout, "
      "withdraw, state, vdb, log-target, log-level, metrics-file");
  EXPECT_EQ(fault("= 1s").substr(0, 42), "cannot use a.conf:1: unknown setting ''; k");
}

TEST(Settings, WhatIsNoSettingIsNamed) {
  EXPECT_EQ(fault("settle 1s"), "cannot use a.conf:1: it is no setting; meant is: NAME = VALUE");
  EXPECT_EQ(fault("[daemon]"), "cannot use a.conf:1: there are no sections here; meant is: NAME = VALUE");
}

TEST(Settings, OneThatStandsTwiceIsNamedAndTheFirstHolds) {
  const Outcome outcome = read("settle = 1s\nwithdraw = no\nsettle = 2s\n");
  EXPECT_EQ(outcome.settings.settle, 1s);
  EXPECT_FALSE(outcome.settings.withdraw);
  EXPECT_THAT(outcome.errors, ElementsAre("cannot use a.conf:3: 'settle' stands at a.conf:1 already, which holds"));
}

TEST(Settings, ATimeIsANumberWithMillisecondsOrSeconds) {
  const auto expect = [](const std::string& name, const std::string& text, const std::string& why) {
    EXPECT_EQ(fault(name + " = " + text), "cannot use a.conf:1: '" + name + "': '" + text + "' is " + why);
  };
  for (const char* const text : {"x", "", "5m", "0.5s", "-1", "-1s", "1 s", "ms", "500 ms", "1sec"}) {
    expect("settle", text, "no time: a number of milliseconds, or one with ms or s, like 500ms or 10s");
  }
  for (const char* const text : {"86400001", "86401s", "99999999999999999999", "9223372036854775807s"}) {
    expect("lock-timeout", text, "more than a day");
  }
  EXPECT_EQ(good("lock-timeout = 86400s").lock_timeout, 24h);
}

TEST(Settings, AWordThatIsNotKnownIsNamedWithThoseThatAre) {
  EXPECT_EQ(fault("markings = none"),
            "cannot use a.conf:1: 'markings': 'none' is not known; it is one of: auto, xattr, pt, both");
  EXPECT_EQ(fault("markings = xatr"), "cannot use a.conf:1: 'markings': 'xatr' is not known; did you mean 'xattr'?");
  EXPECT_EQ(fault("withdraw = maybe"), "cannot use a.conf:1: 'withdraw': 'maybe' is not known; it is one of: no, yes");
  EXPECT_EQ(
      fault("log-level = verbose"),
      "cannot use a.conf:1: 'log-level': 'verbose' is not known; it is one of: trace, debug, info, warn, error, off");
  EXPECT_EQ(
      fault("log-target = console"),
      "cannot use a.conf:1: 'log-target': 'console' is not known; it is one of: auto, journald, syslog, stderr, or "
      "file:PATH");
}

TEST(Settings, APathIsAbsolute) {
  const std::string meant = " is no absolute path: it must begin with / and has no quotes";
  EXPECT_EQ(fault("state = state.db"), "cannot use a.conf:1: 'state': 'state.db'" + meant);
  EXPECT_EQ(fault("vdb = \"/var/db/pkg\""), "cannot use a.conf:1: 'vdb': '\"/var/db/pkg\"'" + meant);
  EXPECT_EQ(fault("metrics-file ="), "cannot use a.conf:1: 'metrics-file': ''" + meant);
  EXPECT_EQ(fault("log-target = file:"), "cannot use a.conf:1: 'log-target': ''" + meant);
}

TEST(Settings, AKernelThatCannotBeParsedIsNamed) {
  EXPECT_EQ(fault("kernel = softmode"),
            "cannot use a.conf:1: 'kernel': 'softmode' has no value, known are yes, no, 1, 0");
}

TEST(Settings, TheLongestDelayIsNotLessThanTheQuietTime) {
  const std::string why = ": a turn cannot be put off for less ('max-delay') than it waits for quiet ('settle')";
  const Outcome outcome = read("max-delay = 1s\nsettle = 2s\n");
  EXPECT_THAT(outcome.errors, ElementsAre("cannot use a.conf:2: 'settle'" + why));
  EXPECT_EQ(outcome.settings.settle, 1s);
  EXPECT_THAT(read("settle = 2s\n", {"--max-delay=1s"}).errors,
              ElementsAre("cannot use --max-delay=1s: 'max-delay'" + why));
  EXPECT_EQ(good("settle = 20s\n", {"--max-delay=30s"}).settle, 20s);
}

TEST(Settings, AllThatIsWrongIsNamed) {
  const Outcome outcome = read("x\nsettle = y\nlog-level = warn\nz = 1\n", {"--withdraw=never"});
  EXPECT_EQ(outcome.errors.size(), 4U);
  EXPECT_EQ(outcome.settings.log_level, "warn");
}

}  // namespace
}  // namespace revdep::config
