#include "revdep-paxd/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "config/settings.h"

namespace revdep::daemon {
namespace {

using testing::HasSubstr;

Parsed parse(const std::string& line) {
  std::istringstream words(line);
  std::vector<std::string> arguments;
  for (std::string word; words >> word;) arguments.push_back(word);
  return parse_options(arguments);
}

Options good(const std::string& line) {
  const Parsed parsed = parse(line);
  EXPECT_EQ(parsed.complaint, "") << line;
  return parsed.options;
}

std::string complaint(const std::string& line) { return parse(line).complaint; }

TEST(DaemonOptions, WithoutAnyItKeepsTheRunningSystem) {
  const Options options = good("");
  EXPECT_EQ(options.mode, Mode::keep);
  EXPECT_EQ(options.root, "/");
  EXPECT_EQ(options.config_file, "");
  EXPECT_FALSE(options.pretend);
  EXPECT_TRUE(options.settings.empty());
  EXPECT_EQ(options.command, "revdep-paxd");
}

TEST(DaemonOptions, ModesExcludeEachOther) {
  EXPECT_EQ(good("--once").mode, Mode::once);
  EXPECT_EQ(good("--check-config").mode, Mode::check_config);
  EXPECT_EQ(good("-h").mode, Mode::help);
  EXPECT_EQ(good("--version --once").mode, Mode::version);
  EXPECT_EQ(complaint("--once --check-config"), "only one of --once, --check-config can be given");
}

TEST(DaemonOptions, OnlyWhatWritesCanPretend) {
  EXPECT_TRUE(good("--pretend").pretend);
  EXPECT_TRUE(good("--once --pretend").pretend);
  EXPECT_EQ(complaint("--check-config --pretend"), "--check-config writes nothing: it needs no --pretend");
}

TEST(DaemonOptions, ImportTakesAFormatAndAFile) {
  const Options options = good("--import paxrat /etc/paxrat/paxrat.conf");
  EXPECT_EQ(options.mode, Mode::import_list);
  EXPECT_EQ(options.format, config::ForeignFormat::paxrat);
  EXPECT_EQ(options.list, "/etc/paxrat/paxrat.conf");
  EXPECT_EQ(complaint("--import paxd"), "--import needs exactly two values, FORMAT and FILE");
  EXPECT_EQ(complaint("--import paxd a b"), "--import needs exactly two values, FORMAT and FILE");
  EXPECT_EQ(complaint("--import paxctl /x"), "--import paxctl: FORMAT is paxctld, paxd or paxrat");
}

TEST(DaemonOptions, EverySettingIsOne) {
  const auto known = config::settings_options();
  for (const auto& option : known.options()) {
    EXPECT_THAT(help_text(), HasSubstr("--" + option->long_name() + ' '));
  }
  const Options options = good("--settle=1s --withdraw no");
  std::vector<base::Error> errors;
  const config::Settings settings = config::check_settings(options.settings, errors);
  EXPECT_EQ(settings.settle, std::chrono::seconds(1));
  EXPECT_FALSE(settings.withdraw);
}

TEST(DaemonOptions, ASettingThatCannotBeIsAUsageError) {
  EXPECT_THAT(complaint("--settle=soon"), testing::StartsWith("cannot use --settle=soon: 'settle': "));
  EXPECT_THAT(complaint("--settle=20s"), HasSubstr("'max-delay'"));
}

TEST(DaemonOptions, NothingIsGuessed) {
  EXPECT_EQ(complaint("--onc"), "unrecognised option '--onc'");
  EXPECT_EQ(complaint("once"), "'once' belongs to no option");
  EXPECT_NE(complaint("--root="), "");
  EXPECT_EQ(parse_options({"--root", ""}).complaint, "--root needs a value that is not empty");
  EXPECT_EQ(complaint("--config=my.conf"), "--config=my.conf: FILE is an absolute path below the root");
}

TEST(DaemonOptions, TheJournalGetsTheCommandLine) {
  EXPECT_EQ(good("--root /mnt --once").command, "revdep-paxd --root /mnt --once");
}

}  // namespace
}  // namespace revdep::daemon
