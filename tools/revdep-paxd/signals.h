// The signals that steer the daemon, as a file descriptor. Knows not what is done about them.
#pragma once

#include "base/fd.h"

namespace revdep::daemon {

struct Wishes {
  bool end = false;     ///< SIGTERM, SIGINT
  bool reload = false;  ///< SIGHUP
  bool full = false;    ///< SIGUSR1
};

class Signals {
 public:
  /// From now on they arrive here only; to be made before there are threads. Throws std::system_error.
  Signals();

  [[nodiscard]] int fd() const { return fd_.get(); }

  /// What arrived since; never waits.
  Wishes read();

 private:
  base::Fd fd_;
};

}  // namespace revdep::daemon
