// A list of questions that a second processor begins to answer while the first is still busy with something else: listing
// further ones, building a graph. An answer is the same whoever reads it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace revdep::engine {

template <class Question, class Answer>
class ReadAhead {
 public:
  /// `read` is called from two threads at once.
  explicit ReadAhead(std::function<Answer(const Question&)> read) : read_(std::move(read)) {}
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;
  ~ReadAhead() { stop(); }

  /// Ends the second reader until there is enough to ask again. Every answer was taken, and the indices are void.
  void finish() {
    stop();
    items_.clear();
    unread_.clear();
    stop_ = false;
  }

  /// Adds a question; gives its index.
  std::size_t ask(Question question) {
    Item& item = items_.emplace_back(std::move(question));
    {
      const std::lock_guard lock(mutex_);
      unread_.push_back(&item);
    }
    if (reader_.joinable()) {
      wake_.notify_one();
    } else if (items_.size() >= worth_a_thread) {
      reader_ = std::thread([this] { read_all(); });
    }
    return items_.size() - 1;
  }

  /// To be called once for each index, by who asked. Reads it here and now when nobody has begun to.
  Answer take(std::size_t index) {
    Item& item = items_[index];
    if (begin(item)) return read_(item.question);
    item.state.wait(begun, std::memory_order_acquire);
    return *std::exchange(item.answer, std::nullopt);
  }

 private:
  // Starting a thread costs about as much as reading this many files.
  static constexpr std::size_t worth_a_thread = 16;

  enum State : std::uint32_t { untouched, begun, done };
  struct Item {
    explicit Item(Question asked) : question(std::move(asked)) {}
    Question question;
    std::atomic<std::uint32_t> state = untouched;
    std::optional<Answer> answer;
  };

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wake_.notify_one();
    if (reader_.joinable()) reader_.join();
  }

  static bool begin(Item& item) {
    std::uint32_t expected = untouched;
    return item.state.compare_exchange_strong(expected, begun, std::memory_order_acq_rel);
  }

  // The last first: who takes the answers in order meets the reader once, and need not wait for each anew.
  Item* next_unread() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stop_ || !unread_.empty(); });
    if (stop_) return nullptr;
    Item* const item = unread_.back();
    unread_.pop_back();
    return item;
  }

  void read_all() {
    while (Item* const item = next_unread()) {
      if (!begin(*item)) continue;
      item->answer.emplace(read_(item->question));
      item->state.store(done, std::memory_order_release);
      item->state.notify_one();
    }
  }

  const std::function<Answer(const Question&)> read_;
  std::deque<Item> items_;  // only the asking thread looks here; items stay where they are
  std::mutex mutex_;        // guards the two below
  std::vector<Item*> unread_;
  bool stop_ = false;
  std::condition_variable wake_;
  std::thread reader_;
};

}  // namespace revdep::engine
