#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "report/audit_sample.h"
#include "report/capture.h"
#include "report/findings.h"
#include "report/validator.h"

namespace revdep::report {
namespace {

using Json = nlohmann::json;

std::string json_of(const Audit& audit) {
  Capture capture;
  write_audit_json(capture.output(), audit);
  return capture.text();
}

TEST(AuditJson, HasEverythingThatIsKnown) {
  const audit::Finding b =
      unmet("/usr/bin/b", "", {{"/usr/lib64/libmid.so.1", false}, {"/usr/lib64/libjit.so.1", true}});
  Audit audit = audit_of({refused(), b, finding(audit::Rule::unresolved, "libgone.so.1", "is needed by /usr/bin/y")});
  audit.root = "/mnt";
  audit.ignored = 2;
  audit.kernel_source = "declared";
  audit.kernel.softmode = true;
  EXPECT_EQ(Json::parse(json_of(audit)), Json::parse(R"({
    "schema": 1, "kind": "audit", "root": "/mnt",
    "kernel": {"source": "declared", "pageexec": true, "segmexec": false, "emutramp": true, "mprotect": true,
               "randmmap": true, "header": true, "xattr": true, "ei": false, "softmode": true, "nx": true,
               "randomize": true, "up_to_3_11": false},
    "objects": 3598, "executables": 1203, "ignored": 2, "summary": {"errors": 2, "warnings": 0, "notes": 1},
    "findings": [
      {"rule": "refused", "severity": "error", "object": "/usr/bin/x", "package": "app/one-1",
       "message": "header says e, xattr says em", "chains": [],
       "stores": {"xattr": "em", "header": 10240, "ei": 0}, "verdict": "refused",
       "mend": {"command": ["revdep-pax", "--sync", "/usr/bin/x"], "shell": "revdep-pax --sync /usr/bin/x"}},
      {"rule": "unmet-requirement", "severity": "error", "object": "/usr/bin/b", "message": "m is not granted",
       "cause": "m is asked for by /usr/lib64/libjit.so.1 [dev-libs/jit-1.0]",
       "chains": [[{"path": "/usr/lib64/libmid.so.1", "dlopened": false},
                   {"path": "/usr/lib64/libjit.so.1", "dlopened": true}]],
       "mend": {"command": ["revdep-pax", "-r", "-m"], "shell": "revdep-pax -r -m"}},
      {"rule": "unresolved", "severity": "note", "object": "libgone.so.1", "message": "is needed by /usr/bin/y",
       "chains": [], "mend": null}]})"));
}

TEST(AuditJson, NamesTheKernelsMembersByTheKeysOfItsDescription) {
  for (const char* const key : {"pageexec", "segmexec", "emutramp", "mprotect", "randmmap", "header", "xattr", "ei",
                                "softmode", "nx", "randomize", "up_to_3_11"}) {
    Audit audit = audit_of({});
    const bool usual = Json::parse(json_of(audit))["kernel"].at(key);
    audit.kernel = pax::parse_kernel(std::string(key) + (usual ? "=no" : "=yes")).value();
    EXPECT_EQ(Json::parse(json_of(audit))["kernel"].at(key), !usual) << key;
  }
}

TEST(AuditJson, ANameThatIsNotUtf8HasItsBytesToo) {
  audit::Finding odd = refused();
  odd.object = "/a\xff";
  odd.package.clear();
  odd.chains = {{{"/l\xff", false}}};
  Json json = Json::parse(json_of(audit_of({odd})))["findings"][0];
  EXPECT_EQ(json["object"], "/a\\xff");
  EXPECT_EQ(json["object_bytes"], "L2H/");  // printf '/a\377' | base64
  EXPECT_EQ(json["chains"][0][0]["path_bytes"], "L2z/");
  EXPECT_EQ(json["mend"], Json::parse(R"({"command": ["revdep-pax", "--sync", "/a\\xff"],
    "command_bytes": ["cmV2ZGVwLXBheA==", "LS1zeW5j", "L2H/"], "shell": null})"));
}

TEST(AuditJson, FitsItsSchema) {
  if (validator().empty()) GTEST_SKIP() << "no python3 with jsonschema";
  for (const Audit& audit : {sample(), hostile(), audit_of({})}) {
    const auto outcome = validate("audit.json", json_of(audit));
    EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
  }
}

TEST(AuditJson, WhatDoesNotFitTheSchemaIsNoticed) {
  if (validator().empty()) GTEST_SKIP() << "no python3 with jsonschema";
  const Json good = Json::parse(json_of(sample()));
  const auto expect_noticed = [](const Json& bad, const std::string& where) {
    const auto outcome = validate("audit.json", bad.dump());
    EXPECT_EQ(outcome.status, 1) << where;
    EXPECT_EQ(outcome.out.substr(0, where.size()), where) << outcome.out << outcome.err;
  };
  Json bad = good;
  bad["findings"][0]["rule"] = "surprise";
  expect_noticed(bad, "findings/0/rule: ");
  bad = good;
  bad["findings"][0].erase("mend");
  expect_noticed(bad, "findings/0: ");
  bad = good;
  bad["findings"][1]["chains"][0][0]["dlopened"] = "no";
  expect_noticed(bad, "findings/1/chains/0/0/dlopened: ");
  bad = good;
  bad["kernel"]["new"] = true;
  expect_noticed(bad, "kernel: ");
  bad = good;
  bad["schema"] = 2;
  expect_noticed(bad, "schema: ");
}

TEST(AuditJson, TheSchemaKnowsEveryRule) {
  std::set<std::string> ids;
  for (const audit::RuleInfo& rule : audit::all_rules()) ids.emplace(rule.id);
  const Json schema = Json::parse(support::read_file(schemas() + "/audit.json"));
  EXPECT_EQ(schema["definitions"]["finding"]["properties"]["rule"]["enum"].get<std::set<std::string>>(), ids);
}

}  // namespace
}  // namespace revdep::report
