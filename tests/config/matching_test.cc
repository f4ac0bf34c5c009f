#include "config/matching.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace revdep::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Rules rules(std::string_view text) {
  Rules parsed;
  EXPECT_THAT(parse_rules(text, "a.conf", parsed), IsEmpty());
  return parsed;
}

// "mark LINE", "ignore LINE" or "".
std::string ruling(std::string_view text, std::string_view path) {
  const Rules parsed = rules(text);
  const Ruling found = find_ruling(parsed, path);
  EXPECT_TRUE(found.mark == nullptr || found.ignore == nullptr);
  if (found.mark != nullptr) return "mark " + std::to_string(found.mark->line);
  return found.ignore != nullptr ? "ignore " + std::to_string(found.ignore->line) : "";
}

TEST(Matching, WhatNoRuleFitsHasNone) {
  EXPECT_EQ(ruling("mark /usr/bin/x em\nignore /usr/*\n", "/usr/bin/y"), "");
  EXPECT_EQ(ruling("", "/usr/bin/y"), "");
}

TEST(Matching, APathOfItsOwnComesBeforeAGlob) {
  EXPECT_EQ(ruling("mark /usr/bin/* m\nmark /usr/bin/x em\n", "/usr/bin/x"), "mark 2");
  EXPECT_EQ(ruling("mark /usr/bin/* m\nignore /usr/bin/x\n", "/usr/bin/x"), "ignore 2");
  EXPECT_EQ(ruling("ignore /usr/bin/*\nmark /usr/bin/x em\n", "/usr/bin/x"), "mark 2");
  EXPECT_EQ(ruling("ignore /usr/bin/[*\nmark /usr/bin/\\[ em\n", "/usr/bin/["), "mark 2");
}

TEST(Matching, OfSeveralGlobsTheFirstHolds) {
  EXPECT_EQ(ruling("mark /usr/bin/x* em\nmark /usr/bin/* m\n", "/usr/bin/xy"), "mark 1");
  EXPECT_EQ(ruling("mark /usr/bin/x* em\nmark /usr/bin/* m\n", "/usr/bin/z"), "mark 2");
  EXPECT_EQ(ruling("ignore /usr/bin/x*\nmark /usr/bin/* m\n", "/usr/bin/xy"), "ignore 1");
  EXPECT_EQ(ruling("mark /usr/bin/* m\nignore /usr/bin/x*\n", "/usr/bin/xy"), "mark 1");
}

TEST(Matching, TwoSpellingsOfOnePathCountInTheirOrder) {
  EXPECT_EQ(ruling("ignore /usr/bin/\\x\nmark /usr/bin/x em\n", "/usr/bin/x"), "ignore 1");
}

TEST(Matching, AllRequirementsThatFitCount) {
  const Rules parsed = rules("require /usr/lib/x.so m\nrequire /usr/lib64/* r\nrequire /usr/lib*/x.so s\n");
  std::vector<std::size_t> lines;
  for (const Require* const rule : find_requirements(parsed, "/usr/lib/x.so")) lines.push_back(rule->line);
  EXPECT_THAT(lines, ElementsAre(1, 3));
  EXPECT_THAT(find_requirements(parsed, "/usr/lib/y.so"), IsEmpty());
}

}  // namespace
}  // namespace revdep::config
