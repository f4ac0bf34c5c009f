// The clock that stamps files.
#pragma once

#include <ctime>

namespace revdep::support {

/// Returns once it has gone on: whatever is changed after that has another time than what was changed before.
inline void await_file_clock_tick() {
  timespec before{};
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME_COARSE, &before);
  do {
    ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
  } while (now.tv_sec == before.tv_sec && now.tv_nsec == before.tv_nsec);
}

}  // namespace revdep::support
