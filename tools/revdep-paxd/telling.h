// A turn as log lines: one a change, with the reason, and one that sums up; nothing when nothing happened. What went wrong
// is told once, until a full turn no longer comes upon it.
#pragma once

#include <spdlog/common.h>

#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/keeper.h"
#include "revdep-paxd/status.h"

namespace revdep::daemon {

class Telling {
 public:
  /// What became of the turn's files, counted.
  static Outcomes count(const engine::Turn& turn);

  void tell(const engine::Turn& turn, const LastTurn& numbers);
  void tell(const std::vector<base::Error>& problems);

 private:
  bool tell_once(spdlog::level::level_enum level, const std::string& line);
  void tell_each(const std::vector<base::Error>& problems);

  std::set<std::string> told_;
  std::set<std::string> came_upon_;  // in this turn
};

/// The line of a mark: "marked /usr/bin/x [app/x-1]: user.pax.flags none -> em (m: /usr/lib64/libjit.so.1)".
std::string format_mark(const report::Mark& mark);

}  // namespace revdep::daemon
