// The package database under watch: follows it as it grows, shrinks, moves, vanishes and comes back, and says which
// packages changed. Reads directories only, never a package's files; knows no time.
#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "vdb/database.h"
#include "watch/database_events.h"
#include "watch/inotify.h"
#include "watch/snapshot.h"
#include "watch/way.h"

namespace revdep::watch {

struct DatabaseChanges {
  bool present = true;              ///< false: there is no database (for now); nothing is said of its packages
  PackageChanges packages;          ///< since what was last said
  std::string_view rescan;          ///< why everything was compared; empty: only what events named
  std::vector<base::Error> errors;  ///< each once, until a rescan no longer meets it
};

class DatabaseWatch {
 public:
  /// `path`: of the running system, absolute. The database need not be there. What take() will say counts from now, so
  /// that who reads the database after this misses nothing.
  DatabaseWatch(Inotify& inotify, std::string path);

  /// To be shown every event that `inotify` reads. True: take() may have something to say.
  bool handle(std::span<const RawEvent> events);

  /// Has everything watched anew, and compared by the next take(). `why` must outlive that.
  void rescan(std::string_view why);

  /// Something cannot be watched or read: only a rescan() now and then finds what changes there.
  [[nodiscard]] bool polling() const { return blind_ || unread_; }

  /// Looks at the disk. May be called at any time; right after construction it tells presence and errors.
  DatabaseChanges take();

 private:
  void attach();
  std::optional<base::Error> watch_category(const std::string& category);
  void become_blind(base::Error error);
  bool compare(DatabaseChanges& result);
  void tell_problems(const std::vector<base::Error>& problems);

  Inotify& inotify_;
  std::string path_;

  Way way_;  // to the database's root; its last step is the root's own watch
  std::map<std::string, Watch> categories_;
  DatabaseWatches watches_;
  bool blind_ = false;   // something is not watched
  bool unread_ = false;  // something could not be read when it was last to be compared

  Changes pending_;
  Snapshot seen_;
  std::pair<dev_t, ino_t> seen_root_{};  // the directory in which it was seen
  std::vector<base::Error> errors_;      // not yet told
  std::set<base::Error> told_;           // what could not be read
};

}  // namespace revdep::watch
