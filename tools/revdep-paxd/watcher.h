// All that is watched, as one source of occasions: the package database, the files that matter, and what the dynamic loader
// goes by. Knows no time and no turn.
#pragma once

#include <ctime>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/tree.h"
#include "engine/keeper.h"
#include "revdep-paxd/system_files.h"
#include "watch/database_watch.h"
#include "watch/file_watch.h"
#include "watch/inotify.h"

namespace revdep::daemon {

class Watcher {
 public:
  struct Wanted {
    std::string database;                            ///< its path, of the running system
    std::set<std::string, std::less<>> named;        ///< files that rules name, absolute below the root
    std::function<bool(std::string_view)> concerns;  ///< whether the file at a canonical path matters otherwise
  };

  /// From now on nothing is missed of the database and the named files. `tree` is not kept from others' changes: what it
  /// knows is dropped now and then. Error: there is no inotify to be had.
  static base::Result<std::unique_ptr<Watcher>> create(base::Tree& tree, Wanted wanted);

  /// Readable when there are events.
  [[nodiscard]] int fd() const { return inotify_->fd(); }

  /// Takes the events in; never waits. True: something that matters may have changed.
  base::Result<bool> read();

  /// Something cannot be watched: only look() now and then finds what changes there. As read(), without events.
  [[nodiscard]] bool polling() const { return database_.polling() || files_.polling(); }
  bool look();

  /// The directories and files that matter by now, as FileWatch names them. What changed in new ones since `since` (of
  /// CLOCK_REALTIME), when they were not watched yet, counts as an event. True: something did.
  bool follow(std::vector<std::string> paths, const timespec& since);

  struct News {
    bool present = true;  ///< there is a package database
    engine::Occasion occasion;
    std::string_view rescan;  ///< why everything was compared; empty: only what events named
    std::vector<base::Error> problems;
  };
  /// What may have changed since this was last asked. Without a database nothing is said, and it stays to be said.
  News take();

 private:
  Watcher(base::Tree& tree, std::unique_ptr<watch::Inotify> inotify, Wanted wanted);

  bool note(watch::FileEvents events);
  bool note(const std::string& path);
  bool note_if_new(const std::string& path, const timespec& since);

  base::Tree& tree_;
  Wanted wanted_;
  std::unique_ptr<watch::Inotify> inotify_;
  watch::DatabaseWatch database_;
  watch::FileWatch files_;
  SystemFiles system_files_;
  std::vector<std::string> watched_;  // sorted

  bool all_touched_ = false;
  std::set<std::string> touched_;  // canonical
  std::vector<base::Error> problems_;
};

}  // namespace revdep::daemon
