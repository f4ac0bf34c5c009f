// Progress: what a terminal is shown, with a clock of our own.
#include "revdep-pax/progress.h"

#include <gtest/gtest.h>

#include <sstream>

namespace revdep::tool {
namespace {

using namespace std::chrono_literals;

class ProgressTest : public testing::Test {
 protected:
  Progress make(bool shown) {
    Progress progress(terminal_, shown, [this] { return now_; });
    progress.expect(9);
    return progress;
  }
  std::chrono::steady_clock::time_point now_;
  std::ostringstream terminal_;
};

TEST_F(ProgressTest, IsSilentForASecondAndThenSaysAtMostFiveTimesASecond) {
  Progress progress = make(true);
  now_ += 999ms;
  progress.step();
  EXPECT_EQ(terminal_.str(), "");
  now_ += 1ms;
  progress.step();
  progress.step();
  EXPECT_EQ(terminal_.str(), "\r\x1b[K2 of 9 files");
  now_ += 200ms;
  progress.step();
  EXPECT_EQ(terminal_.str(), "\r\x1b[K2 of 9 files\r\x1b[K4 of 9 files");
}

TEST_F(ProgressTest, TakesItsLineAwayOnce) {
  Progress progress = make(true);
  progress.clear();
  EXPECT_EQ(terminal_.str(), "");
  now_ += 1s;
  progress.step();
  terminal_.str("");
  progress.clear();
  progress.clear();
  EXPECT_EQ(terminal_.str(), "\r\x1b[K");
}

TEST_F(ProgressTest, IsNothingWithoutATerminal) {
  Progress progress = make(false);
  now_ += 5s;
  progress.step();
  progress.clear();
  EXPECT_EQ(terminal_.str(), "");
}

}  // namespace
}  // namespace revdep::tool
