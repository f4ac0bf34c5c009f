// When a turn is due, on a clock of the test's own.
#include "revdep-paxd/schedule.h"

#include <gtest/gtest.h>

namespace revdep::daemon {
namespace {

using std::chrono::milliseconds;
using Go = Schedule::Go;
using TimePoint = Schedule::TimePoint;

TimePoint at(int ms) { return TimePoint(milliseconds(1'000'000 + ms)); }

Schedule schedule(int settle = 500, int timeout = 60'000) {
  return Schedule({{milliseconds(settle), milliseconds(10'000)}, milliseconds(timeout)});
}

TEST(Schedule, NothingIsDueUntilSomethingHappens) {
  const Schedule idle = schedule();
  EXPECT_EQ(idle.next(), std::nullopt);
  EXPECT_FALSE(idle.due(at(1'000'000)));
  EXPECT_TRUE(idle.idle(at(0)));
}

TEST(Schedule, AChangeIsDueOnceItHasSettled) {
  Schedule burst = schedule();
  burst.note(at(0));
  burst.note(at(400));
  EXPECT_EQ(burst.next(), at(900));
  EXPECT_FALSE(burst.due(at(899)));
  EXPECT_TRUE(burst.due(at(900)));
  EXPECT_FALSE(burst.idle(at(400)));
}

TEST(Schedule, WithoutTimeToSettleItIsDueAtOnce) {
  Schedule burst = schedule(0);
  burst.note(at(0));
  EXPECT_TRUE(burst.due(at(0)));
}

TEST(Schedule, WhatIsDemandedComesAtItsTimeOrWithAChangeBefore) {
  Schedule retried = schedule();
  retried.demand(at(30'000));
  EXPECT_TRUE(retried.idle(at(0))) << "it is only to be tried again";
  EXPECT_EQ(retried.next(), at(30'000));
  retried.note(at(0));
  EXPECT_EQ(retried.next(), at(500));
  retried.demand(at(100));
  EXPECT_EQ(retried.next(), at(100));
  retried.demand(at(200));
  EXPECT_EQ(retried.next(), at(100)) << "the earlier one counts";
}

TEST(Schedule, ALockThatIsFreeIsNoReasonToWait) {
  Schedule burst = schedule(0);
  burst.note(at(0));
  EXPECT_EQ(burst.tried(false, at(0)), Go::now);
}

TEST(Schedule, ABusyLockIsTriedForLessAndLessOften) {
  Schedule burst = schedule(0);
  burst.note(at(0));
  int now = 0;
  for (const int step : {10, 20, 40, 80, 160, 320, 640, 1000, 1000}) {
    EXPECT_EQ(burst.tried(true, at(now)), Go::not_yet);
    EXPECT_EQ(burst.next(), at(now + step));
    EXPECT_FALSE(burst.due(at(now + step - 1)));
    EXPECT_FALSE(burst.idle(at(now)));
    now += step;
  }
  EXPECT_EQ(burst.tried(false, at(now)), Go::now);
}

TEST(Schedule, WhatHappensMeanwhileDoesNotTryForTheLockEarlier) {
  Schedule burst = schedule(0);
  burst.note(at(0));
  EXPECT_EQ(burst.tried(true, at(0)), Go::not_yet);
  burst.note(at(5));
  burst.demand(at(5));
  EXPECT_EQ(burst.next(), at(10));
}

TEST(Schedule, TheLockIsNotWaitedForLongerThanItMayBe) {
  Schedule burst = schedule(0, 25);
  burst.note(at(0));
  EXPECT_EQ(burst.tried(true, at(0)), Go::not_yet);
  EXPECT_EQ(burst.tried(true, at(10)), Go::not_yet);
  EXPECT_EQ(burst.next(), at(25));
  EXPECT_EQ(burst.tried(true, at(25)), Go::without_lock);
  EXPECT_EQ(schedule(0, 0).tried(true, at(0)), Go::without_lock);
}

TEST(Schedule, ATurnBeginsAnew) {
  Schedule burst = schedule(0, 300);
  burst.note(at(0));
  burst.demand(at(30'000));
  EXPECT_EQ(burst.tried(true, at(0)), Go::not_yet);
  burst.taken();
  EXPECT_EQ(burst.next(), std::nullopt);
  burst.note(at(1000));
  EXPECT_EQ(burst.tried(true, at(1000)), Go::not_yet) << "another wait for the lock";
  EXPECT_EQ(burst.next(), at(1010));
}

}  // namespace
}  // namespace revdep::daemon
