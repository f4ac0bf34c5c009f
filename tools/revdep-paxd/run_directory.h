// /run/revdep-pax below a root: one daemon at a time, and what it lets others know. Who only asks makes nothing there.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/fd.h"
#include "base/tree.h"

namespace revdep::daemon {

class RunDirectory {
 public:
  /// Makes it if need be, and takes its lock, which lasts as long as this. Error: another daemon holds it, whose pid is
  /// named; the directory or one above it is not root's, or writable by others.
  static base::Result<RunDirectory> take(base::Tree& tree);

  /// status.json, in one step.
  [[nodiscard]] std::optional<base::Error> publish_status(std::string_view json) const;

  /// Takes the pid and the status away, before the lock goes.
  void clear() const;

 private:
  RunDirectory(std::string shown, base::Fd directory, base::Fd lock)
      : shown_(std::move(shown)), directory_(std::move(directory)), lock_(std::move(lock)) {}

  std::string shown_;
  base::Fd directory_;
  base::Fd lock_;
};

/// The status of the daemon that runs on this root, as it was published. nullopt: none runs.
base::Result<std::optional<std::string>> read_status(base::Tree& tree);

}  // namespace revdep::daemon
