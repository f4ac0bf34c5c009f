// Ignored findings: what a line takes out, what is malformed, what takes nothing out.
#include "audit/ignores.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace revdep::audit {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Finding finding(Rule rule, const std::string& object) {
  Finding made;
  made.rule = rule;
  made.object = object;
  return made;
}

std::vector<std::string> texts(const std::vector<base::Error>& errors) {
  std::vector<std::string> lines;
  lines.reserve(errors.size());
  for (const base::Error& error : errors) lines.push_back(error.to_string());
  return lines;
}

TEST(Ignores, TakeOutTheirRuleOnTheirPathsOnly) {
  std::vector<base::Error> errors;
  Ignores ignores =
      Ignores::parse("# known\n\nunjustified /opt/*  # bought\n\tno-xattr\t/opt/My Dir/a#b\r\n", "list", errors);
  EXPECT_THAT(errors, IsEmpty());
  std::vector<Finding> findings = {finding(Rule::unjustified, "/opt/x/y"), finding(Rule::refused, "/opt/x/y"),
                                   finding(Rule::unjustified, "/usr/bin/x"),
                                   finding(Rule::no_xattr, "/opt/My Dir/a#b")};
  EXPECT_EQ(ignores.apply(findings), 2U);
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].rule, Rule::refused);
  EXPECT_EQ(findings[1].object, "/usr/bin/x");
  EXPECT_THAT(ignores.unused(), IsEmpty());
}

TEST(Ignores, MalformedLinesAreNamedAndTheRestCounts) {
  std::vector<base::Error> errors;
  Ignores ignores = Ignores::parse("refuse /x\nrefused   # why\nrefused /x", "list", errors);
  EXPECT_THAT(texts(errors), ElementsAre("cannot read list:1: there is no rule 'refuse'",
                                         "cannot read list:2: a path or glob is missing behind the rule"));
  std::vector<Finding> findings = {finding(Rule::refused, "/x")};
  EXPECT_EQ(ignores.apply(findings), 1U);
}

TEST(Ignores, WhatTakesNothingOutIsNamed) {
  std::vector<base::Error> errors;
  Ignores ignores = Ignores::parse("refused /x\nrefused /y\n", "list", errors);
  std::vector<Finding> findings = {finding(Rule::refused, "/y")};
  ignores.apply(findings);
  EXPECT_THAT(texts(ignores.unused()), ElementsAre("cannot use list:1: it ignores nothing"));
}

}  // namespace
}  // namespace revdep::audit
