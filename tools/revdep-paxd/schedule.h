// When the next turn is due: after a burst of changes, at once, or later again, and not while a package is being merged if
// that can be helped. Asks no clock and takes no lock: times and the lock's state are passed in.
#pragma once

#include <chrono>
#include <optional>

#include "watch/debounce.h"

namespace revdep::daemon {

class Schedule {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Limits {
    watch::Debounce::Limits burst;
    std::chrono::milliseconds lock_timeout{60'000};
  };

  explicit Schedule(Limits limits) : lock_timeout_(limits.lock_timeout), burst_(limits.burst) {}

  /// Something changed.
  void note(TimePoint now) { burst_.note(now); }
  /// A turn is wanted whether or not something changes: at `time`, or earlier if it is wanted so already.
  void demand(TimePoint time);

  /// When due() is to be asked again; nullopt: not before something happens.
  [[nodiscard]] std::optional<TimePoint> next() const;
  [[nodiscard]] bool due(TimePoint now) const;
  /// Nothing waits to be taken up; that a turn is wanted later does not count.
  [[nodiscard]] bool idle(TimePoint now) const { return !lock_ && !burst_.due() && !due(now); }

  enum class Go : unsigned char {
    not_yet,       ///< the lock is to be tried for again at next()
    now,           ///< nobody merges
    without_lock,  ///< it was waited for as long as it may be
  };
  /// What to do now that a turn is due and the lock was tried for.
  Go tried(bool busy, TimePoint now);

  /// A turn begins: what happens from now on is for another one.
  void taken();

 private:
  struct Wait {
    TimePoint until;
    TimePoint next;
    std::chrono::milliseconds step;
  };

  std::chrono::milliseconds lock_timeout_;
  watch::Debounce burst_;
  std::optional<TimePoint> demanded_;
  std::optional<Wait> lock_;  // being waited for
};

}  // namespace revdep::daemon
