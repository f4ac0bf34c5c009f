#include "watch/debounce.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace revdep::watch {
namespace {

using std::chrono::milliseconds;

struct Case {
  std::string name;
  Debounce::Limits limits;
  std::vector<int> noted;  ///< ms
  std::optional<int> due;  ///< ms
};

class DebounceTest : public testing::TestWithParam<Case> {};

TEST_P(DebounceTest, IsDue) {
  const Debounce::TimePoint start{std::chrono::hours(1)};
  Debounce debounce(GetParam().limits);
  for (const int at : GetParam().noted) debounce.note(start + milliseconds(at));
  if (GetParam().due) {
    EXPECT_EQ(debounce.due(), start + milliseconds(*GetParam().due));
  } else {
    EXPECT_EQ(debounce.due(), std::nullopt);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Debounce, DebounceTest,
    testing::Values(Case{"NeverWithoutAnEvent", {}, {}, std::nullopt},
                    Case{"HalfASecondAfterASingleEvent", {}, {0}, 500},
                    Case{"HalfASecondAfterTheLastOfABurst", {}, {0, 400, 800}, 1300},
                    Case{"TenSecondsAfterTheFirstOfABurstWithoutEnd", {}, {0, 5000, 9600}, 10000},
                    Case{"AtOnceWhereNothingIsToSettle", {milliseconds(0), {}}, {7}, 7},
                    Case{"NoLaterThanTheDelayAllows", {milliseconds(500), milliseconds(100)}, {3}, 103}),
    [](const auto& tested) { return tested.param.name; });

TEST(Debounce, WhatWasTakenUpCountsNoLonger) {
  const Debounce::TimePoint start{};
  Debounce debounce({});
  debounce.note(start);
  debounce.taken();
  EXPECT_EQ(debounce.due(), std::nullopt);
  debounce.note(start + milliseconds(9900));
  EXPECT_EQ(debounce.due(), start + milliseconds(10400));
}

}  // namespace
}  // namespace revdep::watch
