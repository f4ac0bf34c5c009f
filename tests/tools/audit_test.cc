// --audit as a program: its report, what selects from it, where it goes, and that it changes nothing.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "tools/seeded_root.h"

namespace revdep::tool {
namespace {

using nlohmann::json;
using Strings = std::vector<std::string>;

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

// The report without the reasons that stand in its golden file.
std::string golden() {
  std::istringstream lines(support::read_file(REVDEP_TEST_DATA "/audit/everything.golden"));
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with('#')) text += line + '\n';
  }
  return text;
}

// The verdict line, and the entries of these severities.
std::string entries(const std::string& report, const Strings& severities) {
  std::string text = report.substr(0, report.find('\n') + 1);
  for (std::size_t at = text.size(); at < report.size();) {
    const std::size_t end = std::min(report.find("\n\n", at + 1), report.size() - 1) + 1;
    const std::string entry = report.substr(at, end - at);
    const bool is_one = std::ranges::any_of(
        severities, [&](const std::string& severity) { return entry.starts_with('\n' + severity + ' '); });
    if (is_one) text += entry;
    at = end;
  }
  return text;
}

using Objects = std::map<std::string, std::set<std::string>>;

// The findings' objects by rule.
Objects objects(const support::Outcome& outcome) {
  const json document = json::parse(outcome.out);
  Objects found;
  for (const json& finding : document["findings"]) found[finding["rule"]].insert(finding["object"]);
  return found;
}

class Audit : public testing::Test {
 protected:
  void SetUp() override {
    if (!root_.has_xattrs()) GTEST_SKIP() << "no user xattrs where the tests run";
    if (::geteuid() != 0) GTEST_SKIP() << "only root may write the journal";
  }
  support::Outcome audit(Strings more = {}) const {
    more.insert(more.begin(), "-a");
    return root_.run(more);
  }
  /// With the root's directory as ROOT.
  [[nodiscard]] std::string placed(const std::string& text) const { return replaced(text, root_.directory(), "ROOT"); }

  SeededRoot root_;
};

class AuditOfEverything : public Audit {
 protected:
  void SetUp() override {
    Audit::SetUp();
    if (!IsSkipped()) root_.seed_everything();
  }
};

TEST_F(AuditOfEverything, IsWhatWasSeeded) {
  const auto outcome = audit({"--severity", "note"});
  EXPECT_EQ(placed(outcome.out), golden());
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.status, 1);
}

TEST_F(AuditOfEverything, ShowsWarningsAndErrorsUnlessAskedForNotes) {
  const auto outcome = audit();
  EXPECT_EQ(placed(outcome.out), entries(golden(), {"error", "warning"}));
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(audit({"--severity", "warning"}).out, outcome.out);
}

TEST_F(AuditOfEverything, ShowsErrorsOnlyWhenAskedForThem) {
  EXPECT_EQ(placed(audit({"--severity", "error"}).out), entries(golden(), {"error"}));
}

TEST_F(AuditOfEverything, VerboseListsEveryObjectOfAnEntry) {
  EXPECT_EQ(placed(audit({"-v", "--severity", "note"}).out),
            replaced(golden(), "    and 1 more\n", "    /usr/bin/d [app/one-1] -> /usr/lib64/libjit.so.1\n"));
}

TEST_F(AuditOfEverything, RuleSelectsAndIsCounted) {
  const auto outcome = audit({"--rule", "store-mismatch", "--rule", "conflict"});
  EXPECT_EQ(
      placed(outcome.out),
      "inconsistent: 1 error, 1 warning in 41 objects (24 executables); kernel assumed: reads header and xattr, "
      "hard mode\n\n"
      "error conflict: m is asked for by /usr/lib64/libwish.so.1 [lib/wish-1]: 1 object\n"
      "    /usr/bin/insists [app/one-1] -> /usr/lib64/libwish.so.1\n"
      "  mend: revdep-pax --root ROOT --force -f -m --only /usr/bin/insists\n\n"
      "warning store-mismatch: header says e, xattr says em: 1 object\n"
      "    /usr/lib64/libdiffers.so.1 [lib/differs-1]: header says e, xattr says em, so tools disagree on what it "
      "asks for\n"
      "  mend: revdep-pax --root ROOT --sync /usr/lib64/libdiffers.so.1\n");
  EXPECT_EQ(outcome.status, 1);
}

TEST_F(AuditOfEverything, JsonHasTheFindingsThatTheTextCounts) {
  const json document = json::parse(audit({"--format", "json", "--severity", "error"}).out);
  EXPECT_EQ(document["summary"], (json{{"errors", 14}, {"warnings", 11}, {"notes", 3}}));
  EXPECT_EQ(document["findings"].size(), 14 + 11 + 3);
  EXPECT_EQ(document["objects"], 41);
  EXPECT_EQ(document["executables"], 24);
  EXPECT_EQ(document["root"], root_.directory());
  std::map<std::string, std::size_t> counts;
  for (const json& finding : document["findings"])
    ++counts[finding["severity"].get<std::string>() + ' ' + finding["rule"].get<std::string>()];
  // By the text: the number at the end of each entry's first line.
  std::map<std::string, std::size_t> told;
  std::istringstream lines(golden());
  for (std::string line; std::getline(lines, line);) {
    if (!line.ends_with(" object") && !line.ends_with(" objects")) continue;
    const std::string count = line.substr(line.rfind(": ") + 2);
    told[line.substr(0, line.find(':'))] += std::stoul(count);
  }
  EXPECT_EQ(counts, told);
}

TEST_F(AuditOfEverything, JsonTellsWhatAFindingRestsOn) {
  const json document =
      json::parse(audit({"--format", "json", "--rule", "unmet-requirement", "--rule", "refused"}).out);
  const auto of = [&](const std::string& object) {
    for (const json& finding : document["findings"]) {
      if (finding["object"] == object) return finding;
    }
    return json();
  };
  const json c = of("/opt/c");
  EXPECT_EQ(c["package"], "app/two-2");
  EXPECT_EQ(c["chains"], json::parse(R"([[{"path": "/usr/lib64/libmid.so.1", "dlopened": false},
                                          {"path": "/usr/lib64/libjit.so.1", "dlopened": false}]])"));
  EXPECT_EQ(c["verdict"], "PeMRs");
  EXPECT_EQ(c["mend"]["command"], (json{"revdep-pax", "--root", root_.directory(), "-r", "-m"}));
  EXPECT_EQ(of("/usr/bin/opener")["chains"],
            json::parse(R"([[{"path": "/usr/lib64/libplug.so.1", "dlopened": true}]])"));
  const json torn = of("/usr/bin/torn");
  EXPECT_EQ(torn["stores"], (json{{"xattr", "er"}, {"header", 0x2800}, {"ei", 0}}));
  EXPECT_EQ(torn["verdict"], "refused");
  EXPECT_EQ(torn["mend"]["shell"], "revdep-pax --root " + root_.directory() + " --sync /usr/bin/torn");
}

TEST_F(AuditOfEverything, IsTheSameForAnyUserButForWhatOnlyRootCanRead) {
  if (!root_.is_reachable_by_nobody()) GTEST_SKIP() << "user 65534 cannot get at the program or the root";
  const auto outcome = root_.run_as_nobody({"-a", "--severity", "note"});
  // Nobody knows what it is, and whether it is an executable.
  std::string expected =
      replaced(golden(), "3 notes in 41 objects (24 executables)", "4 notes in 41 objects (23 executables)");
  expected = replaced(expected, "note legacy-ei-pax",
                      "note unreadable: cannot be read without privilege: 1 object\n"
                      "    /usr/bin/secret [app/one-1]: Permission denied\n\n"
                      "note legacy-ei-pax");
  EXPECT_EQ(placed(outcome.out), expected);
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.status, 1);
}

TEST_F(AuditOfEverything, IsTheSameEachTimeAndChangesNothing) {
  const std::string before = root_.picture();
  for (const char* const format : {"text", "json", "sarif", "dot"}) {
    SCOPED_TRACE(format);
    const auto first = audit({"--format", format});
    EXPECT_EQ(first.status, 1);
    EXPECT_NE(first.out, "");
    EXPECT_EQ(audit({"--format", format}).out, first.out);
  }
  EXPECT_EQ(root_.picture(), before);
}

// In soft mode nothing is on that no letter switches on: nothing is missed, and the M of eM has no PAGEEXEC to stand on.
TEST_F(AuditOfEverything, GoesByTheKernelsSoftMode) {
  const Objects found = objects(audit({"--format", "json", "--kernel", "softmode=yes"}));
  Objects expected = objects(audit({"--format", "json"}));
  for (const char* const rule : {"unmet-requirement", "conflict", "emutramp-by-accident"}) expected.erase(rule);
  expected["refused"] = {"/usr/bin/insists"};
  expected["unjustified"].insert({"/usr/bin/torn", "/usr/bin/bare-p"});
  expected["needs-marking"].erase("/usr/bin/nested");
  EXPECT_EQ(found, expected);
}

TEST_F(AuditOfEverything, GoesByTheStoresThatTheKernelReads) {
  const auto outcome = audit({"--format", "json", "--kernel", "xattr=no"});
  const Objects found = objects(outcome);
  Objects expected = objects(audit({"--format", "json"}));
  expected.erase("refused");
  expected.erase("emutramp-by-accident");
  // Their marking is a relaxation all the same, and what is in force under another kernel.
  expected["unjustified"].insert({"/usr/bin/torn", "/usr/bin/bare-p"});
  EXPECT_EQ(found, expected);
  // A header is never added, and an xattr that this kernel does not read is not: no command would help.
  const json document = json::parse(outcome.out);
  for (const json& finding : document["findings"]) {
    const bool needs_a_store = finding["rule"] == "unmet-requirement" || finding["rule"] == "needs-marking";
    EXPECT_TRUE(!needs_a_store || finding["mend"].is_null()) << finding;
    if (finding["mend"].is_null()) continue;
    const Strings command = finding["mend"]["command"];
    EXPECT_EQ(Strings(command.begin(), command.begin() + 5),
              (Strings{"revdep-pax", "--root", root_.directory(), "--kernel", "xattr=no"}));
  }
}

TEST_F(AuditOfEverything, ReportsWithoutPluginsWhenToldSo) {
  const Objects found = objects(audit({"--format", "json", "--no-dlopen"}));
  Objects expected = objects(audit({"--format", "json"}));
  expected["unmet-requirement"].erase("/usr/bin/opener");
  EXPECT_EQ(found, expected);
}

TEST_F(Audit, SaysNothingOfACleanRoot) {
  const auto outcome = audit({"--severity", "note"});
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.status, 0);
}

TEST_F(Audit, VerboseSaysThatARootIsClean) {
  const auto outcome = audit({"-v"});
  EXPECT_EQ(outcome.out,
            "consistent: no findings in 3 objects (1 executable); kernel assumed: reads header and xattr, hard mode\n");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(audit({"-v", "--kernel", "xattr=no,softmode=1"}).out,
            "consistent: no findings in 3 objects (1 executable); kernel declared: reads header only, soft mode\n");
}

TEST_F(Audit, ExitCodeCountsWhatIsAtOrAboveTheSeverity) {
  root_.seed_unresolved();
  EXPECT_EQ(audit({"--severity", "note"}).status, 1);
  EXPECT_EQ(audit().status, 0);
  EXPECT_EQ(audit().out, "");
  root_.seed_store_mismatch();
  EXPECT_EQ(audit().status, 1);
  EXPECT_EQ(audit({"--severity", "error"}).status, 0);
  EXPECT_EQ(audit({"--severity", "error"}).out, "");
  EXPECT_EQ(audit({"--rule", "unresolved"}).status, 0);
  root_.seed_void_marking();
  EXPECT_EQ(audit({"--severity", "error"}).status, 1);
  const auto quiet = audit({"-q"});
  EXPECT_EQ(quiet.out + quiet.err, "");
  EXPECT_EQ(quiet.status, 1);
}

TEST_F(Audit, OptionsThatCannotBeUsedAreExitCode2) {
  for (const Strings& more : {Strings{"--rule", "no-such-rule"}, Strings{"--severity", "fatal"},
                              Strings{"--format", "xml"}, Strings{"--kernel", "softmode=perhaps"}, Strings{"-m"}}) {
    SCOPED_TRACE(more.front());
    const auto outcome = audit(more);
    EXPECT_EQ(outcome.status, 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_NE(outcome.err, "");
  }
}

}  // namespace
}  // namespace revdep::tool
