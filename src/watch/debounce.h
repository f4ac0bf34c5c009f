// When a burst of events is to be taken up: once it has settled, or has lasted long enough. Asks no clock: times are passed
// in.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace revdep::watch {

class Debounce {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Limits {
    std::chrono::milliseconds settle{500};       ///< quiet for so long
    std::chrono::milliseconds max_delay{10000};  ///< since the first event
  };

  explicit Debounce(Limits limits) : limits_(limits) {}

  void note(TimePoint now) {
    if (!std::exchange(waiting_, true)) first_ = now;
    last_ = now;
  }

  /// nullopt: nothing happened since the last was taken up.
  [[nodiscard]] std::optional<TimePoint> due() const {
    if (!waiting_) return std::nullopt;
    return std::min(last_ + limits_.settle, first_ + limits_.max_delay);
  }

  void taken() { waiting_ = false; }

 private:
  Limits limits_;
  bool waiting_ = false;
  TimePoint first_, last_;  // only while waiting_
};

}  // namespace revdep::watch
