#include "report/block.h"

#include <gtest/gtest.h>

#include "report/capture.h"

namespace revdep::report {
namespace {

TEST(Object, ShowsStarsWithoutAMarkingAndDashesForAnEmptyOne) {
  EXPECT_EQ(Object("/x", "x", "X86_64", std::nullopt).line(), "/x ( **** )");
  EXPECT_EQ(Object("/x", "x", "X86_64", letters("")).line(), "/x ( ----- )");
  EXPECT_EQ(Object("/x\n", "x", "X86_64", letters("em")).line(), "/x\\x0a ( -em-- )");
}

TEST(Compare, NoMarkingIsAsAllLettersUnset) {
  EXPECT_EQ(compare(std::nullopt, std::nullopt), Relation::same);
  EXPECT_EQ(compare(letters(""), std::nullopt), Relation::same);
  EXPECT_EQ(compare(letters("em"), letters("em")), Relation::same);
}

TEST(Compare, LettersThatOnlyTheImporterHasDifferWithoutMismatch) {
  EXPECT_EQ(compare(std::nullopt, letters("em")), Relation::differs);
  EXPECT_EQ(compare(letters("m"), letters("em")), Relation::differs);
}

TEST(Compare, WhatMarkingWouldAddOrRefuseIsAMismatch) {
  EXPECT_EQ(compare(letters("m"), std::nullopt), Relation::mismatch);
  EXPECT_EQ(compare(letters("m"), letters("e")), Relation::mismatch);
  EXPECT_EQ(compare(letters("m"), letters("M")), Relation::mismatch);
}

}  // namespace
}  // namespace revdep::report
