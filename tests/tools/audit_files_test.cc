// --ignore-file and --output of --audit: findings that are kept back, and the report as a file.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tools/seeded_root.h"

namespace revdep::tool {
namespace {

using nlohmann::json;
using Strings = std::vector<std::string>;

// Findings: a, b, d and /opt/c are not granted what libjit asks for, opener what libplug does.
class AuditFiles : public testing::Test {
 protected:
  void SetUp() override {
    if (!root_.has_xattrs()) GTEST_SKIP() << "no user xattrs where the tests run";
    root_.seed_unmet_requirement();
  }
  support::Outcome audit(Strings more = {}) const {
    more.insert(more.begin(), "-a");
    return root_.run(more);
  }
  support::Outcome audit_ignoring(const std::string& lines, Strings more = {}) const {
    support::write_file(ignores(), lines);
    more.insert(more.end(), {"--ignore-file", ignores()});
    return audit(more);
  }
  [[nodiscard]] std::string ignores() const { return (beside_ / "known").string(); }
  [[nodiscard]] std::string report() const { return (beside_ / "report").string(); }
  /// The names beside the root.
  [[nodiscard]] Strings names() const {
    Strings found;
    for (const auto& entry : std::filesystem::directory_iterator(beside_.path()))
      found.push_back(entry.path().filename());
    return found;
  }

  SeededRoot root_;
  support::TempDir beside_{TEST_DIRECTORY};
};

TEST_F(AuditFiles, WhatIsIgnoredIsKeptBackAndCounted) {
  const auto outcome = audit_ignoring("unmet-requirement /usr/bin/*  # it comes with its own loader\n");
  EXPECT_EQ(outcome.out.substr(0, outcome.out.find(" in ")), "inconsistent: 1 error, 4 ignored");
  EXPECT_NE(outcome.out.find("/opt/c"), std::string::npos);
  EXPECT_EQ(outcome.out.find("/usr/bin/a "), std::string::npos);
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.status, 1);
}

TEST_F(AuditFiles, ARootWithoutOtherFindingsIsClean) {
  const char* const all = "# known\n\nunmet-requirement *\n";
  const auto outcome = audit_ignoring(all);
  EXPECT_EQ(outcome.out + outcome.err, "");
  EXPECT_EQ(outcome.status, 0);
  const std::string verdict = audit_ignoring(all, {"-v"}).out;
  EXPECT_EQ(verdict.substr(0, verdict.find(" in ")), "consistent: no findings, 5 ignored");
  const json document = json::parse(audit_ignoring(all, {"--format", "json"}).out);
  EXPECT_EQ(document["ignored"], 5);
  EXPECT_EQ(document["findings"], json::array());
}

TEST_F(AuditFiles, LinesThatIgnoreNothingOrAreMalformedAreNamed) {
  const auto outcome = audit_ignoring(
      "unmet-requirement *  # all\n"
      "unmet-requirement /usr/bin/gone  # was removed\n"
      "refused /usr/bin/a\n"
      "no-such-rule /usr/bin/a\n"
      "refused\n");
  EXPECT_EQ(outcome.err, "cannot read " + ignores() + ":4: there is no rule 'no-such-rule'\n" + "cannot read " +
                             ignores() + ":5: a path or glob is missing behind the rule\n" + "cannot use " + ignores() +
                             ":2: it ignores nothing\n" + "cannot use " + ignores() + ":3: it ignores nothing\n");
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.status, 1);
}

// Else what is selected by --rule would make the other lines useless.
TEST_F(AuditFiles, LinesOfRulesThatAreNotLookedAtAreNotNamed) {
  const auto outcome = audit_ignoring("unmet-requirement *\n", {"--rule", "refused"});
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.status, 0);
}

TEST_F(AuditFiles, AFileOfIgnoredFindingsThatCannotBeReadEndsTheRun) {
  const std::string gone = (beside_ / "gone").string();
  auto outcome = audit({"--ignore-file", gone});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err, "revdep-pax: cannot read " + gone + ": No such file or directory\n");
  outcome = audit({"--ignore-file", beside_.string()});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err, "revdep-pax: cannot read " + beside_.string() + ": Is a directory\n");
}

TEST_F(AuditFiles, OutputIsTheReportReadableByAll) {
  for (const char* const format : {"text", "json", "sarif", "dot"}) {
    SCOPED_TRACE(format);
    const auto outcome = audit({"--format", format, "--output", report()});
    EXPECT_EQ(outcome.out + outcome.err, "");
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(support::read_file(report()), audit({"--format", format}).out);
    struct stat status {};
    ASSERT_EQ(::stat(report().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0644U);
    EXPECT_EQ(names(), Strings{"report"});
  }
}

// Who reads the old file reads it to its end.
TEST_F(AuditFiles, OutputReplacesTheFileInOneStep) {
  support::write_file(report(), "old", 0600);
  const std::string old = (beside_ / "old").string();
  std::filesystem::create_hard_link(report(), old);
  EXPECT_EQ(audit({"-q", "--format", "prometheus", "--output", report()}).status, 1);
  EXPECT_EQ(support::read_file(old), "old");
  EXPECT_EQ(std::filesystem::status(report()).permissions(), std::filesystem::perms(0644));
  const std::string metrics = support::read_file(report());
  EXPECT_TRUE(metrics.starts_with("# HELP ")) << metrics;
  EXPECT_TRUE(metrics.ends_with('\n')) << metrics;
}

TEST_F(AuditFiles, OutputOfACleanAuditIsWrittenAsWell) {
  support::write_file(report(), "old");
  EXPECT_EQ(audit({"--rule", "refused", "--output", report()}).status, 0);
  EXPECT_EQ(support::read_file(report()), "");
}

TEST_F(AuditFiles, OutputThatCannotBeWrittenLeavesNothingBehind) {
  const std::string nowhere = (beside_ / "gone/report").string();
  auto outcome = audit({"--output", nowhere});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err, "revdep-pax: cannot write " + nowhere + ": No such file or directory\n");
  EXPECT_EQ(names(), Strings{});
  std::filesystem::create_directory(report());
  outcome = audit({"--output", report()});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.err, "revdep-pax: cannot write " + report() + ": Is a directory\n");
  EXPECT_EQ(names(), Strings{"report"});
}

TEST_F(AuditFiles, OutputOnAFullDiskKeepsTheOldFile) {
  // A limit on the size of files stands for the disk.
  support::write_file(report(), "old");
  const auto outcome = support::run({"sh", "-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh", REVDEP_PAX, "--root",
                                     root_.directory(), "-a", "--output", report()});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.err, "revdep-pax: cannot write " + report() + ": File too large\n");
  EXPECT_EQ(support::read_file(report()), "old");
  EXPECT_EQ(names(), Strings{"report"});
}

}  // namespace
}  // namespace revdep::tool
