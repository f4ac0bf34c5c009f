// The commands that --audit prints: run one after the other, as an admin would, they mend the root.
#include <gtest/gtest.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "tools/seeded_root.h"

namespace revdep::tool {
namespace {

using nlohmann::json;
using Strings = std::vector<std::string>;

class AuditMend : public testing::Test {
 protected:
  void SetUp() override {
    if (!root_.has_xattrs()) GTEST_SKIP() << "no user xattrs where the tests run";
    if (::geteuid() != 0) GTEST_SKIP() << "only root may write the journal";
    std::filesystem::create_symlink(REVDEP_PAX, programs_ / "revdep-pax");
  }

  [[nodiscard]] json findings(Strings more = {}) const {
    more.insert(more.begin(), {"-a", "--format", "json"});
    const auto outcome = root_.run(more);
    EXPECT_EQ(outcome.err, "");
    json document = json::parse(outcome.out);
    EXPECT_EQ(outcome.status, document["findings"].empty() ? 0 : 1);
    return document["findings"];
  }

  /// The commands of one audit, each once. That they do not all come to nothing shows in the next audit.
  void run_commands(const json& findings) {
    Strings commands;
    for (const json& finding : findings) {
      if (finding["mend"].is_null()) continue;
      touched_.insert(finding["object"]);
      const std::string command = finding["mend"]["shell"];
      if (std::ranges::find(commands, command) == commands.end()) commands.push_back(command);
    }
    const char* const path = std::getenv("PATH");
    for (const std::string& command : commands) {
      SCOPED_TRACE(command);
      const auto outcome = root_.run_line_on_terminal(
          command, programs_.string() + ':' + (path == nullptr ? "/usr/bin:/bin" : path), "a\n");
      // Not refused by the shell or the command line; a run can leave something to the next command.
      EXPECT_LE(outcome.status, 1) << outcome.out;
    }
  }

  /// By path, what stands in the root's files and in their xattr; the journal and the lock are not the system's.
  [[nodiscard]] std::map<std::string, std::string> contents() const {
    std::map<std::string, std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root_.directory())) {
      const std::string path = '/' + entry.path().lexically_relative(root_.directory()).string();
      if (!entry.is_regular_file() || path.starts_with("/var/lib/revdep-pax/") || path.starts_with("/run/")) continue;
      std::array<char, 64> flags{};
      const ssize_t size = ::getxattr(entry.path().c_str(), "user.pax.flags", flags.data(), flags.size());
      found[path] = support::read_file(entry.path()) + '\n' +
                    (size < 0 ? "no xattr" : "xattr " + std::string(flags.data(), static_cast<std::size_t>(size)));
    }
    return found;
  }

  /// Paths that are there once only, or differ.
  static std::set<std::string> changed(const std::map<std::string, std::string>& before,
                                       const std::map<std::string, std::string>& after) {
    std::set<std::string> paths;
    for (const auto& [path, content] : before) {
      if (!after.contains(path) || after.at(path) != content) paths.insert(path);
    }
    for (const auto& [path, content] : after) {
      if (!before.contains(path)) paths.insert(path);
    }
    return paths;
  }

  SeededRoot root_;
  support::TempDir programs_{TEST_DIRECTORY};
  std::set<std::string> touched_;  // the objects of findings that have a command
};

TEST_F(AuditMend, WhatIsPrintedMendsTheRootInTwoRounds) {
  root_.seed_stale_claim();
  root_.seed_unmet_requirement();
  root_.seed_conflict();
  root_.seed_refused();
  root_.seed_void_marking();
  root_.seed_emutramp_by_accident();
  root_.seed_needs_marking();
  root_.seed_store_mismatch();
  root_.seed_unjustified();
  root_.write_database();
  const auto before = contents();

  const json seeded = findings();
  std::set<std::string> rules;
  for (const json& finding : seeded) {
    rules.insert(finding["rule"]);
    EXPECT_FALSE(finding["mend"].is_null()) << finding;
  }
  EXPECT_EQ(rules, (std::set<std::string>{"refused", "void-marking", "unmet-requirement", "conflict", "unjustified",
                                          "emutramp-by-accident", "stale-claim", "needs-marking", "store-mismatch"}));
  run_commands(seeded);
  const json left = findings();
  EXPECT_LT(left.size(), seeded.size());
  run_commands(left);
  EXPECT_EQ(findings(), json::array());
  EXPECT_EQ(root_.run({"-a"}).out, "");

  EXPECT_EQ(changed(before, contents()), touched_);

  struct Row {
    const char* path;
    const char* xattr;
    const char* header;
  };
  constexpr std::array<Row, 24> rows = {{
      {"/usr/bin/bare-p", "pem", "none"},
      {"/usr/bin/torn", "none", "0x2800"},  // brought into step, then nobody's r taken away
      {"/usr/bin/newline", "em", "none"},
      {"/usr/bin/both", "none", "0x2000"},
      {"/usr/lib64/libtwice.so.1", "em", "none"},
      {"/opt/c", "em", "none"},
      {"/usr/bin/a", "em", "none"},
      {"/usr/bin/b", "em", "none"},
      {"/usr/bin/d", "em", "none"},
      {"/usr/bin/opener", "em", "none"},
      {"/usr/bin/insists", "em", "none"},
      {"/usr/bin/passwd", "none", "none"},
      {"/usr/bin/relaxed", "none", "none"},
      {"/usr/bin/accident", "eR", "none"},
      {"/usr/bin/stale", "none", "none"},
      {"/usr/bin/nested", "E", "none"},
      {"/usr/lib64/libtext.so.1", "em", "none"},
      {"/usr/lib64/libsegment.so.1", "em", "none"},
      {"/usr/lib64/libstack.so.1", "em", "none"},
      {"/usr/lib64/libunstated.so.1", "em", "none"},
      {"/usr/lib64/libknown.so.7", "em", "none"},
      {"/usr/bin/user", "em", "none"},  // the second round's: libtext asks by then
      {"/usr/bin/su", "em", "none"},
      {"/usr/lib64/libdiffers.so.1", "em", "0x2a00"},
  }};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.path);
    EXPECT_EQ(root_.flags(row.path), row.xattr);
    EXPECT_EQ(root_.header(row.path), row.header);
  }
}

// One after the other, so that it is the rule's own commands that mend.
TEST_F(AuditMend, EachRuleIsMendedAlone) {
  struct Seed {
    const char* rule;
    void (SeededRoot::*plant)();
  };
  constexpr std::array<Seed, 9> seeds = {{{"stale-claim", &SeededRoot::seed_stale_claim},
                                          {"unmet-requirement", &SeededRoot::seed_unmet_requirement},
                                          {"conflict", &SeededRoot::seed_conflict},
                                          {"refused", &SeededRoot::seed_refused},
                                          {"void-marking", &SeededRoot::seed_void_marking},
                                          {"emutramp-by-accident", &SeededRoot::seed_emutramp_by_accident},
                                          {"needs-marking", &SeededRoot::seed_needs_marking},
                                          {"store-mismatch", &SeededRoot::seed_store_mismatch},
                                          {"unjustified", &SeededRoot::seed_unjustified}}};
  for (const Seed& seed : seeds) {
    SCOPED_TRACE(seed.rule);
    (root_.*seed.plant)();
    const json seeded = findings();
    EXPECT_FALSE(seeded.empty());
    for (const json& finding : seeded) EXPECT_EQ(finding["rule"], seed.rule);
    run_commands(seeded);
    run_commands(findings());
    EXPECT_EQ(findings(), json::array());
  }
}

TEST_F(AuditMend, WhatIsHeldBackIsReleasedAndThenCarried) {
  root_.seed_unmet_requirement();
  ASSERT_EQ(root_.run({"-r", "-m", "-y"}).status, 0);
  ASSERT_EQ(root_.run({"--undo", "-y"}).status, 0);
  const json held = findings();
  ASSERT_EQ(held.size(), 5);
  for (const json& finding : held) {
    EXPECT_EQ(finding["mend"]["command"],
              (json{"revdep-pax", "--root", root_.directory(), "--release", finding["object"]}));
  }
  run_commands(held);
  EXPECT_EQ(root_.flags("/usr/bin/a"), "none");
  run_commands(findings());
  EXPECT_EQ(findings(), json::array());
  EXPECT_EQ(root_.flags("/usr/bin/a"), "em");
}

TEST_F(AuditMend, NamesThatAShellWouldReadAreNotRead) {
  const std::string name = "/opt/it's $(touch x) [a]*?&|";
  root_.add(name, elf_builder::program({}));
  root_.mark_since(name, "em");
  root_.seed_conflict();
  const std::string insists = "/opt/[a]\\*? b";
  root_.add(insists, elf_builder::program({"libwish.so.1"}));
  root_.mark_since(insists, "eM");
  // What the pattern of the one would match if it were no path.
  root_.add("/opt/axx b", elf_builder::program({"libwish.so.1"}));
  root_.mark_since("/opt/axx b", "eM");
  const json seeded = findings();
  json one = json::array();
  for (const json& finding : seeded) {
    if (finding["object"] == name || finding["object"] == insists) one.push_back(finding);
  }
  ASSERT_EQ(one.size(), 2) << seeded;
  const auto before = contents();
  run_commands(one);
  EXPECT_EQ(changed(before, contents()), (std::set<std::string>{name, insists}));
  EXPECT_EQ(root_.flags(name), "none");
  EXPECT_EQ(root_.flags(insists), "em");
}

// The commands have to reach what the audit looked at, and no more.
TEST_F(AuditMend, CommandsSeeTheSystemThatTheAuditSaw) {
  root_.seed_unmet_requirement();
  elf_builder::write_object(root_.file("/usr/local/bin/own"), elf_builder::program({"libjit.so.1"}));
  const Strings own = {"--source", "filesystem", "--scan", "/usr/local/bin"};
  run_commands(findings(own));
  EXPECT_EQ(root_.flags("/usr/local/bin/own"), "em");
  EXPECT_EQ(findings(own), json::array());
}

TEST_F(AuditMend, CommandsLeaveOutPluginsAsTheAuditDid) {
  root_.seed_unmet_requirement();
  run_commands(findings({"--no-dlopen"}));
  EXPECT_EQ(root_.flags("/usr/bin/a"), "em");
  EXPECT_EQ(root_.flags("/usr/bin/opener"), "none");
}

TEST_F(AuditMend, CommandsMayMakeTheStoresThatTheAuditWasAllowed) {
  root_.seed_unmet_requirement();
  root_.write("/etc/portage/make.conf", "PAX_MARKINGS=\"PT\"\n");
  for (const json& finding : findings()) EXPECT_TRUE(finding["mend"].is_null()) << finding;
  run_commands(findings({"--markings", "xattr"}));
  EXPECT_EQ(root_.flags("/usr/bin/a"), "em");
}

// Answered by nothing, which is no.
TEST_F(AuditMend, EveryCommandAsksBeforeItChangesAnything) {
  root_.seed_stale_claim();
  root_.seed_refused();
  root_.seed_unmet_requirement();
  root_.seed_conflict();
  root_.seed_needs_marking();
  root_.write_database();
  const auto before = contents();
  std::set<std::string> tried;
  for (const json& finding : findings()) {
    const std::string command = finding["mend"]["shell"];
    if (!tried.insert(command).second) continue;
    root_.run_line_on_terminal(command, programs_.string() + ":/usr/bin:/bin", "");
    EXPECT_EQ(changed(before, contents()), std::set<std::string>{}) << command;
  }
}

TEST_F(AuditMend, AStaleClaimIsNotTakenBackUnasked) {
  root_.seed_stale_claim();
  const json stale = findings();
  ASSERT_EQ(stale.size(), 1);
  const auto outcome =
      root_.run_line_on_terminal(stale[0]["mend"]["shell"], programs_.string() + ":/usr/bin:/bin", "n\n");
  EXPECT_EQ(root_.flags("/usr/bin/stale"), "em") << outcome.out;
}

}  // namespace
}  // namespace revdep::tool
