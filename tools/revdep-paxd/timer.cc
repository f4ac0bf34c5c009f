#include "revdep-paxd/timer.h"

#include <sys/timerfd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace revdep::daemon {

Timer::Timer() : fd_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
  if (!fd_) throw std::system_error(errno, std::generic_category(), "cannot make a timer");
}

void Timer::set(std::optional<TimePoint> time) {
  using std::chrono::nanoseconds;
  constexpr nanoseconds::rep second = 1'000'000'000;
  itimerspec setting{};
  if (time) {
    // Zero would stop the timer.
    const nanoseconds::rep at = std::max<nanoseconds::rep>(nanoseconds(time->time_since_epoch()).count(), 1);
    setting.it_value.tv_sec = at / second;
    setting.it_value.tv_nsec = at % second;
  }
  // Whatever it said before is forgotten by this.
  if (::timerfd_settime(fd_.get(), TFD_TIMER_ABSTIME, &setting, nullptr) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot set a timer");
  }
}

}  // namespace revdep::daemon
