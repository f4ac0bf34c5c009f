// What happens to the entries of directories, by an inotify of its own that wakes nobody: it is read when someone looks.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/entry_watch.h"
#include "base/fd.h"
#include "watch/inotify.h"

namespace revdep::watch {

class EntryEvents final : public base::EntryWatch {
 public:
  /// nullptr: there is no inotify, or nothing tells of mounts.
  static std::unique_ptr<EntryEvents> create();

  void look() override;
  const std::set<std::string>* changed_in(const std::string& directory) override;
  void forget() override;

 private:
  EntryEvents(std::unique_ptr<Inotify> inotify, base::Fd mounts)
      : inotify_(std::move(inotify)), mounts_(std::move(mounts)) {}
  [[nodiscard]] bool mounts_changed() const;

  std::unique_ptr<Inotify> inotify_;
  base::Fd mounts_;
  std::unordered_map<std::string, Watch> watches_;  // by path
  std::map<WatchId, std::set<std::string>> names_;  // at the last look
};

}  // namespace revdep::watch
