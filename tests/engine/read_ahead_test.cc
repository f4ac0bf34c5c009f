// Every question gets its own answer once, whoever reads it and however many are asked.
#include "engine/read_ahead.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>

namespace revdep::engine {
namespace {

using Squares = ReadAhead<int, std::string>;

std::string square(int number) { return std::to_string(number * number); }

TEST(ReadAhead, AnswersInAnyOrderAndNumber) {
  for (const int count : {1, 15, 16, 17, 500}) {
    std::atomic<int> reads = 0;
    Squares squares([&](int number) {
      ++reads;
      return square(number);
    });
    for (int number = 0; number < count; ++number) EXPECT_EQ(squares.ask(number), static_cast<std::size_t>(number));
    for (int number = count; number-- > 0;) EXPECT_EQ(squares.take(static_cast<std::size_t>(number)), square(number));
    EXPECT_EQ(reads, count);
  }
}

TEST(ReadAhead, TakesQuestionsWhileItReads) {
  Squares squares(square);
  for (int number = 0; number < 1000; ++number) {
    const std::size_t index = squares.ask(number);
    if (number % 3 == 0) continue;
    EXPECT_EQ(squares.take(index), square(number));
  }
  for (int number = 0; number < 1000; number += 3) {
    EXPECT_EQ(squares.take(static_cast<std::size_t>(number)), square(number));
  }
}

// The reader is stuck in one answer: the other questions are answered all the same, and it is waited for.
TEST(ReadAhead, NobodyWaitsForAnotherAnswer) {
  std::atomic<bool> entered = false;
  std::atomic<bool> released = false;
  {
    Squares squares([&](int number) {
      if (number == 15) {
        entered = true;
        entered.notify_one();
        released.wait(false);
      }
      return square(number);
    });
    for (int number = 0; number < 16; ++number) squares.ask(number);
    entered.wait(false);
    for (int number = 0; number < 15; ++number) {
      EXPECT_EQ(squares.take(static_cast<std::size_t>(number)), square(number));
    }
    released = true;
    released.notify_one();
    EXPECT_EQ(squares.take(15), square(15));
  }
}

TEST(ReadAhead, LeavesWhatNobodyTakes) {
  std::atomic<int> reads = 0;
  {
    Squares squares([&](int number) {
      ++reads;
      return square(number);
    });
    for (int number = 0; number < 100; ++number) squares.ask(number);
    EXPECT_EQ(squares.take(0), "0");
  }
  const int settled = reads;
  EXPECT_GE(settled, 1);
  EXPECT_LE(settled, 100);
}

}  // namespace
}  // namespace revdep::engine
