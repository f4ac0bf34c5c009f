// A list of questions of one kind that the second reader begins to answer while the main thread is still busy with
// something else: listing further ones, building a graph. An answer is the same whoever reads it.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <utility>

#include "engine/second_reader.h"

namespace revdep::engine {

template <class Question, class Answer>
class ReadAhead {
 public:
  /// `read` is called from two threads at once. No two lists of one reader may be of the same `urgency`.
  ReadAhead(SecondReader& reader, Urgency urgency, std::function<Answer(const Question&)> read)
      : reader_(reader), urgency_(urgency), read_(std::move(read)) {}
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;
  ~ReadAhead() { reader_.drop(urgency_); }

  /// Adds a question; gives its index.
  std::size_t ask(Question question) {
    reader_.add(urgency_, items_.emplace_back(read_, std::move(question)));
    return items_.size() - 1;
  }

  /// To be called once for each index, by who asked. Reads it here and now when nobody has begun to.
  Answer take(std::size_t index) {
    Item& item = items_[index];
    if (item.begin()) return read_(item.question);
    reader_.wait(urgency_, item);
    return *std::exchange(item.answer, std::nullopt);
  }

  /// Forgets all questions. Every answer was taken, and the indices are void.
  void clear() {
    reader_.drop(urgency_);
    items_.clear();
  }

 private:
  using Read = std::function<Answer(const Question&)>;
  struct Item final : SecondReader::Task {
    Item(const Read& reads, Question asked) : read_it(reads), question(std::move(asked)) {}
    const Read& read_it;
    Question question;
    std::optional<Answer> answer;

   private:
    void read() override { answer.emplace(read_it(question)); }
  };

  SecondReader& reader_;
  const Urgency urgency_;
  const Read read_;
  std::deque<Item> items_;  // they stay where they are
};

}  // namespace revdep::engine
