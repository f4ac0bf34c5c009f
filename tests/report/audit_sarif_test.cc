#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "report/audit_sample.h"
#include "report/capture.h"
#include "report/findings.h"
#include "report/validator.h"

namespace revdep::report {
namespace {

using Json = nlohmann::json;

std::string sarif_of(const Audit& audit) {
  Capture capture;
  write_audit_sarif(capture.output(), audit);
  return capture.text();
}

Json run_of(const Audit& audit) { return Json::parse(sarif_of(audit))["runs"][0]; }

TEST(AuditSarif, HasAResultForEachFinding) {
  const Json results = run_of(
      audit_of({finding(audit::Rule::unresolved, "libgone.so.1", "is needed by /usr/bin/y"), refused()}))["results"];
  ASSERT_EQ(results.size(), 2U);
  Json first = results[0];
  first.erase("partialFingerprints");
  EXPECT_EQ(first, Json::parse(R"({"ruleId": "refused", "ruleIndex": 0, "level": "error",
    "message": {"text": "header says e, xattr says em. Mend: revdep-pax --sync /usr/bin/x"},
    "locations": [{"physicalLocation": {"artifactLocation": {"uri": "usr/bin/x", "uriBaseId": "ROOT"}}}]})"));
  EXPECT_EQ(results[1]["message"]["text"], "is needed by /usr/bin/y");
  EXPECT_EQ(results[1]["locations"],
            Json::parse(R"([{"logicalLocations": [{"name": "libgone.so.1", "kind": "module"}]}])"));
}

TEST(AuditSarif, TheIndexOfAResultLeadsToItsRule) {
  std::vector<audit::Finding> findings;
  for (const audit::RuleInfo& rule : audit::all_rules()) findings.push_back(finding(rule.rule, "/a", "is so"));
  const Json run = run_of(audit_of(findings));
  const Json& rules = run["tool"]["driver"]["rules"];
  EXPECT_EQ(run["results"].size(), rules.size());
  for (const Json& result : run["results"]) {
    EXPECT_EQ(rules[result["ruleIndex"].get<std::size_t>()]["id"], result["ruleId"]);
    EXPECT_EQ(rules[result["ruleIndex"].get<std::size_t>()]["defaultConfiguration"]["level"], result["level"]);
  }
}

TEST(AuditSarif, TheBaseIsTheRootAsAUriWithASlashBehindIt) {
  Audit audit = audit_of({});
  EXPECT_EQ(run_of(audit)["originalUriBaseIds"]["ROOT"]["uri"], "file:///");
  audit.root = "/mnt/my root";
  EXPECT_EQ(run_of(audit)["originalUriBaseIds"]["ROOT"]["uri"], "file:///mnt/my%20root/");
  audit.root = "demo root";
  EXPECT_EQ(run_of(audit)["originalUriBaseIds"]["ROOT"],
            Json::parse(R"({"description": {"text": "The root that was looked at: demo root"}})"));
}

TEST(AuditSarif, ThePathOfAnObjectIsPercentEncoded) {
  audit::Finding odd = finding(audit::Rule::unjustified, "/a:b c%\xc3\xa9\xff?#\n/d~e", "m is not explained");
  EXPECT_EQ(run_of(audit_of({odd}))["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            "a%3Ab%20c%25%C3%A9%FF%3F%23%0A/d~e");
}

TEST(AuditSarif, MessagesHaveNoPlaceholderAndNoLinkButThoseOfTheStandard) {
  audit::Finding odd = finding(audit::Rule::unjustified, "/a{0}", "[see](http://x) {1}\n");
  odd.mend = audit::Mend{{"revdep-pax", "--clear"}, true};
  EXPECT_EQ(run_of(audit_of({odd}))["results"][0]["message"]["text"],
            "[see\\x5d(http://x) {{1}}\\x0a. Mend: revdep-pax --clear '/a{{0}}'");
}

TEST(AuditSarif, ACommandThatNoLineHoldsIsLeftOut) {
  audit::Finding odd = refused();
  for (const char* const object : {"/a\n", "/a\xff"}) {
    odd.object = object;
    EXPECT_EQ(run_of(audit_of({odd}))["results"][0]["message"]["text"], "header says e, xattr says em");
  }
}

TEST(AuditSarif, FingerprintsStayWhenAnotherMessageIsGivenForACause) {
  const auto fingerprint = [](const audit::Finding& one) {
    return run_of(audit_of({one}))["results"][0]["partialFingerprints"]["finding/v1"].get<std::string>();
  };
  const audit::Finding one = unmet("/usr/bin/a", "app/one-1", {{"/usr/lib64/libjit.so.1", false}});
  audit::Finding other = one;
  other.message = "m is not granted yet";
  other.package = "app/one-2";
  EXPECT_EQ(fingerprint(one), fingerprint(other));
  // printf '%s\0' unmet-requirement /usr/bin/a 'm is asked for by ... [dev-libs/jit-1.0]' | sha256sum
  EXPECT_EQ(fingerprint(one), "8caa7398d85b6adb3f9b8cdd387cb3fa4b8f3203d73c1eac1a687c300fc63024");
  other.object = "/usr/bin/b";
  EXPECT_NE(fingerprint(one), fingerprint(other));
  other = one;
  other.cause += '.';
  EXPECT_NE(fingerprint(one), fingerprint(other));
  audit::Finding alone = refused();
  const std::string before = fingerprint(alone);
  alone.message += '.';
  EXPECT_NE(before, fingerprint(alone));
}

TEST(AuditSarif, FitsTheStandardsStructure) {
  if (validator().empty()) GTEST_SKIP() << "no python3 with jsonschema";
  for (const Audit& audit : {sample(), hostile(), audit_of({})}) {
    const auto outcome = validate("sarif-subset.json", sarif_of(audit));
    EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
  }
}

TEST(AuditSarif, WhatDoesNotFitTheStandardIsNoticed) {
  if (validator().empty()) GTEST_SKIP() << "no python3 with jsonschema";
  const Json good = Json::parse(sarif_of(sample()));
  const auto expect_noticed = [](const Json& bad, const std::string& where) {
    const auto outcome = validate("sarif-subset.json", bad.dump());
    EXPECT_EQ(outcome.status, 1) << where;
    EXPECT_EQ(outcome.out.substr(0, where.size()), where) << outcome.out << outcome.err;
  };
  Json bad = good;
  bad["version"] = "2.0.0";
  expect_noticed(bad, "version: ");
  bad = good;
  bad["runs"][0]["results"][0]["level"] = "fatal";
  expect_noticed(bad, "runs/0/results/0/level: ");
  bad = good;
  bad["runs"][0]["results"][0].erase("message");
  expect_noticed(bad, "runs/0/results/0: ");
  bad = good;
  bad["runs"][0]["originalUriBaseIds"]["ROOT"]["uri"] = "file:///mnt";
  expect_noticed(bad, "runs/0/originalUriBaseIds/ROOT/uri: ");
  bad = good;
  bad["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] = "/usr/bin/x";
  expect_noticed(bad, "runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri: ");
}

}  // namespace
}  // namespace revdep::report
