// Every question gets its own answer once, whoever reads it and however many are asked; and there is one second reader.
#include "engine/read_ahead.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace revdep::engine {
namespace {

using Squares = ReadAhead<int, std::string>;

std::string square(int number) { return std::to_string(number * number); }

// Holds up whoever reads until it is opened.
class Gate {
 public:
  void pass() {
    entered_ = true;
    entered_.notify_all();
    open_.wait(false);
  }
  void await_entry() { entered_.wait(false); }
  void open() {
    open_ = true;
    open_.notify_all();
  }

 private:
  std::atomic<bool> entered_ = false;
  std::atomic<bool> open_ = false;
};

TEST(ReadAhead, AnswersInAnyOrderAndNumber) {
  for (const int count : {1, 15, 16, 17, 500}) {
    std::atomic<int> reads = 0;
    SecondReader reader;
    Squares squares(reader, Urgency::facts, [&](int number) {
      ++reads;
      return square(number);
    });
    for (int number = 0; number < count; ++number) EXPECT_EQ(squares.ask(number), static_cast<std::size_t>(number));
    for (int number = count; number-- > 0;) EXPECT_EQ(squares.take(static_cast<std::size_t>(number)), square(number));
    EXPECT_EQ(reads, count);
  }
}

TEST(ReadAhead, TakesQuestionsWhileItReads) {
  SecondReader reader;
  Squares squares(reader, Urgency::facts, square);
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
  Gate gate;
  SecondReader reader;
  Squares squares(reader, Urgency::facts, [&](int number) {
    if (number == 15) gate.pass();
    return square(number);
  });
  for (int number = 0; number < 16; ++number) squares.ask(number);
  gate.await_entry();
  for (int number = 0; number < 15; ++number) {
    EXPECT_EQ(squares.take(static_cast<std::size_t>(number)), square(number));
  }
  gate.open();
  EXPECT_EQ(squares.take(15), square(15));
}

// The reader is stuck in the first until the last is read, which nobody asks for: only who waits can have read it.
TEST(ReadAhead, WhoWaitsAnswersOtherQuestions) {
  Gate gate;
  SecondReader reader;
  Squares squares(reader, Urgency::facts, [&](int number) {
    if (number == 0) gate.pass();
    if (number == 15) gate.open();
    return square(number);
  });
  for (int number = 0; number < 16; ++number) squares.ask(number);
  gate.await_entry();
  EXPECT_EQ(squares.take(0), square(0));
}

TEST(ReadAhead, LeavesWhatNobodyTakes) {
  std::atomic<int> reads = 0;
  SecondReader reader;
  {
    Squares squares(reader, Urgency::facts, [&](int number) {
      ++reads;
      return square(number);
    });
    for (int number = 0; number < 100; ++number) squares.ask(number);
    EXPECT_EQ(squares.take(0), "0");
  }
  const int settled = reads;
  EXPECT_GE(settled, 1);
  EXPECT_LE(settled, 100);
  // Nothing of it is left in the reader.
  Squares others(reader, Urgency::facts, square);
  for (int number = 0; number < 100; ++number) EXPECT_EQ(others.take(others.ask(number)), square(number));
  EXPECT_EQ(reads, settled);
}

// The reader is stuck in a question of another kind while these come and go.
TEST(ReadAhead, WhatIsDroppedIsNotRead) {
  Gate gate;
  std::atomic<int> reads = 0;
  SecondReader reader;
  Squares markings(reader, Urgency::markings, [&](int number) {
    if (number == 0) gate.pass();
    return square(number);
  });
  for (int number = 0; number < 16; ++number) markings.ask(number);
  gate.await_entry();
  {
    Squares facts(reader, Urgency::facts, [&](int number) {
      ++reads;
      return square(number);
    });
    for (int number = 0; number < 100; ++number) facts.ask(number);
  }
  gate.open();
  for (int number = 0; number < 16; ++number) {
    EXPECT_EQ(markings.take(static_cast<std::size_t>(number)), square(number));
  }
  reader.finish();
  EXPECT_EQ(reads, 0);
}

TEST(ReadAhead, BeginsAnewOnceCleared) {
  SecondReader reader;
  Squares squares(reader, Urgency::facts, square);
  for (int round = 0; round < 3; ++round) {
    for (int number = 0; number < 50; ++number) EXPECT_EQ(squares.ask(number), static_cast<std::size_t>(number));
    for (int number = 0; number < 50; ++number) {
      EXPECT_EQ(squares.take(static_cast<std::size_t>(number)), square(number));
    }
    reader.finish();
    squares.clear();
  }
}

TEST(SecondReader, IsOneThreadForAllKindsOfQuestions) {
  std::mutex mutex;
  std::set<std::thread::id> threads;
  const auto read = [&](int number) {
    const std::lock_guard lock(mutex);
    threads.insert(std::this_thread::get_id());
    return square(number);
  };
  SecondReader reader;
  Squares texts(reader, Urgency::database, read);
  Squares facts(reader, Urgency::facts, read);
  Squares markings(reader, Urgency::markings, read);
  for (int number = 0; number < 200; ++number) {
    for (Squares* const squares : {&markings, &texts, &facts}) squares->ask(number);
  }
  for (std::size_t index = 0; index < 200; ++index) {
    for (Squares* const squares : {&texts, &facts, &markings}) squares->take(index);
  }
  EXPECT_LE(threads.size(), 2U);
}

TEST(SecondReader, ReadsTheMostUrgentFirstAndThoseInOrder) {
  Gate gate;
  Gate last;
  std::vector<int> order;
  SecondReader reader;
  const auto read = [&](int number) {
    if (number == 0) gate.pass();
    order.push_back(number);
    if (number == 300) last.pass();
    return square(number);
  };
  Squares texts(reader, Urgency::database, read);
  Squares facts(reader, Urgency::facts, read);
  Squares markings(reader, Urgency::markings, read);
  for (int number = 0; number < 16; ++number) texts.ask(number);
  gate.await_entry();
  for (const int number : {299, 300}) markings.ask(number);
  for (const int number : {200, 201}) facts.ask(number);
  gate.open();
  last.await_entry();
  EXPECT_THAT(order, testing::ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 200, 201, 299, 300));
  last.open();
}

}  // namespace
}  // namespace revdep::engine
