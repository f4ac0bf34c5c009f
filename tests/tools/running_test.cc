// revdep-pax --running on processes that this test starts, and --from-log.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "support/child.h"
#include "support/command.h"
#include "support/started.h"
#include "support/temp_dir.h"

namespace revdep::tool {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using support::Started;
using Strings = std::vector<std::string>;

class Running : public testing::Test {
 protected:
  void SetUp() override {
    // A library asks only below directories that nobody but root can write.
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    if (!support::have_program("gcc")) GTEST_SKIP() << "needs gcc";
    directory_.emplace("/var/lib");
    fs::permissions(directory_->path(), fs::perms(0755));
    compile("waiter", support::waiter, {"-ldl"});
    compile("plugin.so", "int plugin;", {"-shared", "-fPIC"});
    if (!set_flags("plugin.so", "m")) GTEST_SKIP() << "no user xattrs below /var/lib";
  }
  void compile(const std::string& name, const std::string& source, const Strings& arguments) const {
    support::write_file(*directory_ / "source.c", source);
    Strings words = {"gcc", "-o", path(name), path("source.c")};
    words.insert(words.end(), arguments.begin(), arguments.end());
    const auto outcome = support::run(words);
    ASSERT_EQ(outcome.status, 0) << outcome.err;
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (*directory_ / name).string(); }
  [[nodiscard]] bool set_flags(const std::string& name, const std::string& flags) const {
    return ::setxattr(path(name).c_str(), "user.pax.flags", flags.data(), flags.size(), 0) == 0;
  }
  static support::Outcome audit(Strings before = {}) {
    for (const char* const word : {REVDEP_PAX, "--running", "--format=json", "--severity=note"}) {
      before.emplace_back(word);
    }
    return support::run(before);
  }
  // "RULE: MESSAGE" of each finding on one of this test's executables.
  [[nodiscard]] Strings findings(const support::Outcome& outcome, const std::string& name = "waiter") const {
    Strings found;
    const json report = json::parse(outcome.out);
    for (const json& finding : report.at("findings")) {
      if (finding.at("object") != path(name)) continue;
      found.push_back(finding.at("rule").get<std::string>() + ": " + finding.at("message").get<std::string>());
    }
    return found;
  }

  std::optional<support::TempDir> directory_;
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_F(Running, APluginThatAsksInVainIsToldWithTheLineThatWouldMakeItKnown) {
  const Started program({path("waiter"), path("plugin.so")});
  const auto outcome = audit();
  EXPECT_EQ(outcome.status, 1);
  const Strings found = findings(outcome);
  ASSERT_EQ(found.size(), 2U) << outcome.out;
  EXPECT_TRUE(found[0].starts_with("running-unmet: ")) << found[0];
  EXPECT_TRUE(has(found[0], path("plugin.so"))) << found[0];
  EXPECT_TRUE(has(found[0], "pid " + std::to_string(program.pid()))) << found[0];
  EXPECT_TRUE(found[1].starts_with("unknown-plugin: ")) << found[1];
  EXPECT_TRUE(has(found[1], "load " + path("waiter") + " -> " + path("plugin.so"))) << found[1];
}

TEST_F(Running, AProcessWithoutPluginsOrWithItsMarkingIsNoFinding) {
  ASSERT_TRUE(set_flags("waiter", "em"));
  const Started plain({path("waiter")});
  EXPECT_EQ(findings(audit()), Strings());
  const Started marked({path("waiter"), path("plugin.so")});
  const Strings found = findings(audit());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].starts_with("unknown-plugin: ")) << found[0];
}

TEST_F(Running, AnExecutableThatWasDeletedOrReplacedIsStale) {
  const Started program({path("waiter")});
  fs::remove(path("waiter"));
  const Strings found = findings(audit());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].starts_with("running-stale: ")) << found[0];
  EXPECT_TRUE(has(found[0], "pid " + std::to_string(program.pid()))) << found[0];
}

TEST_F(Running, AnExecutableThatWasMarkedAnewSinceMayBeStale) {
  const Started program({path("waiter")});
  const std::time_t started = std::time(nullptr);
  // Its times are of whole seconds: nothing but time can make the change a later one. The same value would be no change.
  struct stat status {};
  bool turned = false;
  do {
    turned = !turned;
    ASSERT_TRUE(set_flags("waiter", turned ? "em" : "me"));
    ASSERT_EQ(::stat(path("waiter").c_str(), &status), 0);
  } while (status.st_ctim.tv_sec < started + 3);
  const Strings found = findings(audit());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].starts_with("running-stale: ")) << found[0];
}

TEST_F(Running, AnOrdinaryUserIsToldHowManyMayNotBeLookedAt) {
  if (!support::have_program("setpriv")) GTEST_SKIP() << "needs setpriv";
  const Started program({path("waiter"), path("plugin.so")});
  const auto outcome = audit({"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"});
  if (outcome.status == 127) GTEST_SKIP() << "the program cannot be reached by others";
  EXPECT_LE(outcome.status, 1);
  EXPECT_EQ(findings(outcome), Strings());
  EXPECT_TRUE(has(json::parse(outcome.out).at("scope"), "may not be looked at")) << outcome.out;
}

TEST(FromLog, TellsWhatWasDeniedAndWhatWouldAllowIt) {
  const support::TempDir directory;
  support::write_file(directory / "log",
                      "Jan  1 00:00:00 host kernel: [ 1076.802509] grsec: denied RWX mmap of <anonymous mapping> by "
                      "/usr/bin/sway[sway:2863] uid/euid:1000/1000 gid/egid:1000/1000, parent /usr/bin/bash[bash:2171] "
                      "uid/euid:1000/1000 gid/egid:1000/1000\nsomething else\n");
  const auto outcome = support::run({REVDEP_PAX, "--from-log", (directory / "log").string(), "--format=json"});
  EXPECT_EQ(outcome.status, 1);
  const json report = json::parse(outcome.out);
  const json& findings = report.at("findings");
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].at("rule"), "denied");
  EXPECT_EQ(findings[0].at("object"), "/usr/bin/sway");
  EXPECT_TRUE(has(findings[0].at("message"), "em")) << findings[0];
  EXPECT_EQ(findings[0].at("mend"), nullptr);
  EXPECT_EQ(support::run({REVDEP_PAX, "--from-log", "/dev/null"}).status, 0);
  const auto missing = support::run({REVDEP_PAX, "--from-log", (directory / "none").string()});
  EXPECT_EQ(missing.status, 2);
  EXPECT_EQ(missing.err, "revdep-pax: cannot read " + (directory / "none").string() + ": No such file or directory\n");
}

}  // namespace
}  // namespace revdep::tool
