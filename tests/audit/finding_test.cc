#include "audit/finding.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace revdep::audit {
namespace {

TEST(Rules, AreInTheOrderOfTheirNumbersAndFoundByTheirIds) {
  std::size_t index = 0;
  for (const RuleInfo& rule : all_rules()) {
    EXPECT_EQ(static_cast<std::size_t>(rule.rule), index++);
    EXPECT_EQ(&info(rule.rule), &rule);
    EXPECT_EQ(find_rule(rule.id), &rule);
    EXPECT_TRUE(rule.summary.ends_with('.')) << rule.summary;
  }
  EXPECT_EQ(index, static_cast<std::size_t>(Rule::denied) + 1);
}

// Users name them in --rule and in files of ignored findings: none of these lines may change.
TEST(Rules, KeepTheirIdsAndSeverities) {
  const std::map<std::string, Severity> expected = {{"refused", Severity::error},
                                                    {"void-marking", Severity::error},
                                                    {"unmet-requirement", Severity::error},
                                                    {"conflict", Severity::error},
                                                    {"untrusted-asker", Severity::error},
                                                    {"unjustified", Severity::warning},
                                                    {"emutramp-by-accident", Severity::warning},
                                                    {"stale-claim", Severity::warning},
                                                    {"needs-marking", Severity::warning},
                                                    {"store-mismatch", Severity::warning},
                                                    {"no-xattr", Severity::warning},
                                                    {"unresolved", Severity::note},
                                                    {"unreadable", Severity::note},
                                                    {"legacy-ei-pax", Severity::note},
                                                    {"vdb-disagrees", Severity::note},
                                                    {"running-unmet", Severity::error},
                                                    {"running-stale", Severity::warning},
                                                    {"unknown-plugin", Severity::note},
                                                    {"denied", Severity::error}};
  std::map<std::string, Severity> actual;
  for (const RuleInfo& rule : all_rules()) actual.emplace(rule.id, rule.severity);
  EXPECT_EQ(actual, expected);
}

TEST(Rules, AreFoundByTheWholeIdOnly) {
  EXPECT_EQ(find_rule(""), nullptr);
  EXPECT_EQ(find_rule("refuse"), nullptr);
  EXPECT_EQ(find_rule("Refused"), nullptr);
  EXPECT_EQ(find_rule("void_marking"), nullptr);
}

TEST(Findings, AreSortedBySeverityRuleCauseObjectAndMessage) {
  const auto make = [](Severity severity, Rule rule, const char* cause, const char* object, const char* message) {
    Finding finding;
    finding.severity = severity;
    finding.rule = rule;
    finding.cause = cause;
    finding.object = object;
    finding.message = message;
    return finding;
  };
  std::vector<Finding> findings = {
      make(Severity::note, Rule::refused, "", "", "6"),    make(Severity::warning, Rule::refused, "", "", "5"),
      make(Severity::error, Rule::conflict, "", "", "4"),  make(Severity::error, Rule::refused, "b", "a", "3"),
      make(Severity::error, Rule::refused, "a", "b", "2"), make(Severity::error, Rule::refused, "a", "a", "1"),
      make(Severity::error, Rule::refused, "a", "a", "0")};
  sort(findings);
  std::string order;
  for (const Finding& finding : findings) order += finding.message;
  EXPECT_EQ(order, "0123456");
}

}  // namespace
}  // namespace revdep::audit
