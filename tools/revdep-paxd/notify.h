// What a service manager is told, by the protocol of sd_notify(3), and how often it wants to hear that we are alive.
// Without a manager nothing is told.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.h"

namespace revdep::daemon {

class Notifier {
 public:
  /// `address`: $NOTIFY_SOCKET; a path, or a name in the abstract namespace behind '@'. nullptr: there is no manager.
  explicit Notifier(const char* address);

  /// Lines NAME=VALUE. What cannot be sent is lost.
  void send(std::string_view lines) const;

 private:
  std::string address_;  // sun_path
  base::Fd socket_;
};

/// Half of $WATCHDOG_USEC, unless $WATCHDOG_PID is another process. nullopt: nobody watches. Arguments may be null.
std::optional<std::chrono::microseconds> watchdog_interval(const char* usec, const char* pid, pid_t own);

}  // namespace revdep::daemon
