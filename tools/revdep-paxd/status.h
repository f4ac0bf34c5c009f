// What the daemon has done so far, for people and scripts: as a value, as JSON and as text. Counts nothing itself, and
// writes no file.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "pax/kernel.h"

namespace revdep::daemon {

/// What became of files.
struct Outcomes {
  std::uint64_t marked = 0;
  std::uint64_t withdrawn = 0;
  std::uint64_t refused = 0;
  std::uint64_t failed = 0;
};

struct LastTurn {
  std::int64_t time = 0;  ///< when it ended, in seconds since the epoch
  std::chrono::microseconds duration{};
  bool full = false;
  std::size_t packages = 0;  ///< that it took up
  std::size_t objects = 0;   ///< that are known now
  Outcomes outcomes;
  std::size_t pending = 0;  ///< to be tried again, or (to pretend) to be done
  bool complete = true;     ///< nothing is to be tried again
};

struct Status {
  pid_t pid = 0;
  std::int64_t started = 0;
  bool idle = false;          ///< nothing waits to be taken up
  bool database = false;      ///< there is a package database
  bool polling = false;       ///< something cannot be watched, and is looked at now and then
  std::size_t rules = 0;      ///< in force
  pax::Kernel kernel;         ///< that is marked for
  std::string kernel_source;  ///< "declared", "running" or "assumed"
  std::optional<LastTurn> last;
  // Since the start.
  std::uint64_t turns = 0;
  std::uint64_t packages = 0;
  Outcomes outcomes;
};

/// "kind": "status".
std::string format_status_json(const Status& status);

/// What format_status_json() wrote, for people, and as it is. Error: `json` is nothing of that kind; `name` is where it
/// stands.
base::Result<std::string> format_status_text(std::string_view json, const std::string& name);
base::Result<std::string> check_status_json(std::string_view json, const std::string& name);

}  // namespace revdep::daemon
