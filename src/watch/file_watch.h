// Files and directories under watch by their paths, wherever those lead and whether or not there is something yet. Says
// that something happened there, not what; reads no file.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "base/error.h"
#include "watch/inotify.h"
#include "watch/way.h"

namespace revdep::watch {

struct FileEvents {
  std::vector<std::string> paths;   ///< sorted
  std::vector<base::Error> errors;  ///< one a reason, until everything can be watched again
};

/// Paths are absolute below the root; symlinks are followed as a chroot would, and watched. A file is touched when it is
/// created, replaced, removed, closed by a writer, or its attributes change, by any path but not through a hard link in
/// another directory. A path that ends in '/' stands for a directory with all its entries: what happens to an entry is told
/// as the entry's path ("/etc/x/" and "a.conf" make "/etc/x/a.conf"), what happens to the directory as "/etc/x/".
class FileWatch {
 public:
  /// `root`: a prefix without trailing slash, "" for "/".
  FileWatch(Inotify& inotify, std::string root) : inotify_(inotify), root_(std::move(root)) {}

  /// Watches these paths and no others. Who looks at the files after this misses nothing.
  std::vector<base::Error> set(const std::vector<std::string>& paths);

  /// To be shown every event that the Inotify reads. After an overflow all paths count as touched.
  FileEvents handle(std::span<const RawEvent> events);

  /// Something cannot be watched: only recheck() now and then, and a look at what it returns, finds what changes there.
  [[nodiscard]] bool polling() const { return !blind_.empty(); }

  /// Tries again to watch what cannot be watched; all that counts as touched.
  FileEvents recheck();

 private:
  using Ways = std::map<std::string, Way>;
  using Key = std::tuple<WatchId, std::string, const std::string*>;  // the last points into ways_

  void follow_again(const std::string& path, Way& way);
  void forget(const std::string& path, const Way& way);
  void note(const RawEvent& event, std::set<std::string>& touched, std::set<std::string>& moved) const;
  FileEvents finish(const std::set<std::string>& touched, const std::set<std::string>& moved);

  Inotify& inotify_;
  std::string root_;
  Ways ways_;
  std::map<Key, std::uint32_t> index_;  // every step of ways_, with its mask
  std::set<std::string> blind_;         // paths that cannot be watched
  std::set<std::string> told_;          // the reasons why
  std::vector<base::Error> errors_;     // not yet told
};

}  // namespace revdep::watch
