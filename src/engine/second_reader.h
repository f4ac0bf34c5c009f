// The thread that reads ahead what the main one is going to ask for: beside it runs one, whatever there is to read. More
// would only take the main one's processor where there are two.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

namespace revdep::engine {

/// What is read first: what the main thread will want first.
enum class Urgency : std::uint8_t { directories, database, facts, markings };

class SecondReader {
 public:
  /// Something to be read once, by whoever comes first.
  class Task {
   public:
    Task(const Task&) = delete;
    Task& operator=(const Task&) = delete;

    /// True for the first who calls it: the others leave it to that one.
    bool begin();

   protected:
    Task() = default;
    virtual ~Task() = default;

   private:
    friend class SecondReader;
    enum State : std::uint32_t { untouched, begun, done };
    virtual void read() = 0;
    void finish();
    [[nodiscard]] bool is_done() const { return state_.load(std::memory_order_acquire) == done; }

    std::atomic<std::uint32_t> state_ = untouched;
  };

  SecondReader() = default;
  SecondReader(const SecondReader&) = delete;
  SecondReader& operator=(const SecondReader&) = delete;
  ~SecondReader() { finish(); }

  /// The task stays where it is until it is done, or its kind is dropped.
  void add(Urgency urgency, Task& task);
  /// Comes back when a task that another one has begun is done. Meanwhile it does others of that kind.
  void wait(Urgency urgency, Task& task);
  /// Forgets the tasks of one kind, and waits for the one that it is at.
  void drop(Urgency urgency);
  /// Forgets all, and ends the thread until there is enough to read again.
  void finish();

 private:
  // Starting a thread costs about as much as reading this many files.
  static constexpr std::size_t worth_a_thread = 16;
  static constexpr std::size_t kinds = 4;

  Task* next(std::unique_lock<std::mutex>& lock);
  void read_all();

  std::mutex mutex_;  // guards all below
  std::array<std::deque<Task*>, kinds> unread_;
  std::size_t added_ = 0;
  std::optional<std::size_t> reading_;  // the kind of the task at hand
  bool stop_ = false;
  std::condition_variable wake_;  // something was added, or it is to end
  std::condition_variable idle_;  // reading_ changed
  std::thread thread_;            // only the main thread looks here
};

}  // namespace revdep::engine
