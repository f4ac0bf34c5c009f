// What the events on the package database's directories say. Pure; names only what is to be looked at: whether a package
// came, went or was replaced is for the disk to say, as events come in pieces and late.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "vdb/database.h"
#include "watch/inotify.h"

namespace revdep::watch {

/// Which watch is what.
struct DatabaseWatches {
  std::optional<WatchId> root;                      ///< none while there is no database
  std::map<WatchId, std::string> categories;        ///< by name
  std::set<std::pair<WatchId, std::string>> above;  ///< entries that decide where the database's path leads
};

struct Changes {
  std::set<vdb::PackageName> packages;  ///< their directories came, went or were replaced
  std::set<std::string> compare;        ///< categories with a package that may have been edited in place
  std::set<std::string> categories;     ///< came, went or were replaced: to be watched anew, and compared
  std::string_view rescan;              ///< why everything is to be watched anew and compared; empty: it is not

  void add(Changes&& other);
};

/// Adds to `changes` what `event` says. False: nothing, as it is none of the database's, or of a merge in progress, a lock
/// or a stray file. Events of other masks than these watches asked for may come too.
bool note_event(const DatabaseWatches& watches, const RawEvent& event, Changes& changes);

}  // namespace revdep::watch
