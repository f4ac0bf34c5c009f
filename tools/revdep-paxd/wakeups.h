// Sleeps until one of a few descriptors is readable. Does not say which: each is read without waiting anyway.
#pragma once

#include "base/fd.h"

namespace revdep::daemon {

class Wakeups {
 public:
  /// Throws std::system_error, as does add().
  Wakeups();

  /// It is no longer waited for once it is closed.
  void add(int fd);
  void wait();

 private:
  base::Fd epoll_;
};

}  // namespace revdep::daemon
