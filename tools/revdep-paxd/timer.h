// One point in time as a file descriptor. Owns no clock but CLOCK_MONOTONIC, which steady_clock is.
#pragma once

#include <chrono>
#include <optional>

#include "base/fd.h"

namespace revdep::daemon {

class Timer {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Throws std::system_error.
  Timer();

  /// Readable from `time` on; nullopt: never.
  void set(std::optional<TimePoint> time);

  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  base::Fd fd_;
};

}  // namespace revdep::daemon
