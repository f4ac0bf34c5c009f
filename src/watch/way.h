// The way that a path takes through directories and symlinks, watched so that nothing can change where it leads without
// an event. Does not read events.
#pragma once

#include <sys/inotify.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "watch/inotify.h"

namespace revdep::watch {

/// What can happen to a directory's entries.
inline constexpr std::uint32_t entry_events = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;

/// An entry that decides where the path leads: `name` in the watched directory, of which the events of `mask` count.
struct Step {
  Watch watch;
  std::string name;  ///< empty: the directory itself and all its entries
  std::uint32_t mask = 0;
};

struct Way {
  std::vector<Step> steps;           ///< from the root on, as far as there is something
  std::string place;                 ///< what the path leads to, canonical below the root; empty: nothing yet
  std::optional<base::Error> error;  ///< a directory that cannot be watched: the way ends before it
};

/// Follows `path`, absolute below `root` (a prefix without trailing slash, "" for "/"), as a chroot would. Each directory
/// is watched before its entry is looked at. The last entry is watched for `mask` too; so is, if the path ends in '/', the
/// directory that it leads to, with all its entries.
Way follow(Inotify& inotify, const std::string& root, std::string_view path, std::uint32_t mask);

}  // namespace revdep::watch
