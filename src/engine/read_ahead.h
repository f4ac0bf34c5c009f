// A list of answers that a second processor begins to read while the first is still busy with something else. An answer
// is the same whoever reads it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

namespace revdep::engine {

template <class Answer>
class ReadAhead {
 public:
  /// Starts to read the answers, from the last to the first: who takes them in order meets the reader once, and need not
  /// wait for each answer anew. `read` is called from two threads at once.
  ReadAhead(std::size_t count, std::function<Answer(std::size_t)> read)
      : count_(count), read_(std::move(read)), items_(std::make_unique<Item[]>(count)) {
    if (count_ >= worth_a_thread) reader_ = std::thread([this] { read_all(); });
  }
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;
  ~ReadAhead() {
    stop_.store(true, std::memory_order_relaxed);
    if (reader_.joinable()) reader_.join();
  }

  /// To be asked once for each index. Reads it here and now when nobody has begun to.
  Answer take(std::size_t index) {
    Item& item = items_[index];
    if (begin(item)) return read_(index);
    item.state.wait(begun, std::memory_order_acquire);
    return *std::exchange(item.answer, std::nullopt);
  }

 private:
  // Starting a thread costs about as much as reading this many files.
  static constexpr std::size_t worth_a_thread = 16;

  enum State : std::uint32_t { untouched, begun, done };
  struct Item {
    std::atomic<std::uint32_t> state = untouched;
    std::optional<Answer> answer;
  };

  static bool begin(Item& item) {
    std::uint32_t expected = untouched;
    return item.state.compare_exchange_strong(expected, begun, std::memory_order_acq_rel);
  }

  void read_all() {
    for (std::size_t left = count_; left > 0 && !stop_.load(std::memory_order_relaxed); --left) {
      Item& item = items_[left - 1];
      if (!begin(item)) continue;
      item.answer.emplace(read_(left - 1));
      item.state.store(done, std::memory_order_release);
      item.state.notify_one();
    }
  }

  const std::size_t count_;
  const std::function<Answer(std::size_t)> read_;
  std::unique_ptr<Item[]> items_;
  std::atomic<bool> stop_ = false;
  std::thread reader_;
};

}  // namespace revdep::engine
