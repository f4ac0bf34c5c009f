#include "engine/second_reader.h"

#include <algorithm>
#include <utility>

namespace revdep::engine {

bool SecondReader::Task::begin() {
  std::uint32_t expected = untouched;
  return state_.compare_exchange_strong(expected, begun, std::memory_order_acq_rel);
}

void SecondReader::Task::finish() {
  read();
  state_.store(done, std::memory_order_release);
  state_.notify_one();
}

void SecondReader::add(Urgency urgency, Task& task) {
  bool is_worth_it = false;
  {
    const std::lock_guard lock(mutex_);
    unread_[static_cast<std::size_t>(urgency)].push_back(&task);
    added_ += urgency == Urgency::directories ? worth_a_thread : 1;  // each takes as long as many files
    is_worth_it = added_ >= worth_a_thread;
  }
  if (thread_.joinable()) {
    wake_.notify_one();
  } else if (is_worth_it) {
    thread_ = std::thread([this] { read_all(); });
  }
}

// To sleep and be woken takes longer than to read a file. The last ones, as the thread is at the first.
void SecondReader::wait(Urgency urgency, Task& task) {
  std::deque<Task*>& tasks = unread_[static_cast<std::size_t>(urgency)];
  while (!task.is_done()) {
    Task* other = nullptr;
    {
      const std::lock_guard lock(mutex_);
      if (!tasks.empty()) {
        other = tasks.back();
        tasks.pop_back();
      }
    }
    if (other == nullptr) {
      task.state_.wait(Task::begun, std::memory_order_acquire);
    } else if (other->begin()) {
      other->finish();
    }
  }
}

void SecondReader::drop(Urgency urgency) {
  const auto kind = static_cast<std::size_t>(urgency);
  std::unique_lock lock(mutex_);
  unread_[kind].clear();
  idle_.wait(lock, [&] { return reading_ != kind; });
}

void SecondReader::finish() {
  {
    const std::lock_guard lock(mutex_);
    for (std::deque<Task*>& tasks : unread_) tasks.clear();
    stop_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  stop_ = false;
  added_ = 0;
}

// In the order in which they were added, which is about that in which the answers are taken: this thread has less to do
// with each than the other one, and keeps ahead of it.
SecondReader::Task* SecondReader::next(std::unique_lock<std::mutex>& lock) {
  const auto has_tasks = [](const std::deque<Task*>& tasks) { return !tasks.empty(); };
  if (reading_) {
    reading_.reset();
    idle_.notify_one();
  }
  wake_.wait(lock, [&] { return stop_ || std::ranges::any_of(unread_, has_tasks); });
  if (stop_) return nullptr;
  const auto urgent = std::ranges::find_if(unread_, has_tasks);
  reading_ = static_cast<std::size_t>(urgent - unread_.begin());
  Task* const task = urgent->front();
  urgent->pop_front();
  return task;
}

void SecondReader::read_all() {
  while (true) {
    Task* task = nullptr;
    {
      std::unique_lock lock(mutex_);
      task = next(lock);
    }
    if (task == nullptr) return;
    if (task->begin()) task->finish();
  }
}

}  // namespace revdep::engine
