// Portage's lock on the package database, taken as a reader: while it is held no package is merged. Never waits: the
// caller tries again later.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/fd.h"

namespace revdep::watch {

enum class LockState : unsigned char {
  held,   ///< until unlock()
  busy,   ///< a merge is under way
  absent  ///< nobody can be holding it, or it cannot be asked for
};

class ReadLock {
 public:
  /// `database`: its path as Portage spells it; the lock is `.pkg.portage_lockfile` beside `pkg`.
  explicit ReadLock(std::string_view database);

  struct Attempt {
    LockState state = LockState::absent;
    std::optional<base::Error> error;  ///< why it cannot be asked for; told the first time only
  };
  Attempt try_lock();
  void unlock() { held_.reset(); }

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  Attempt fail(base::Error error);

  std::string path_;
  base::Fd held_;
  bool told_ = false;
};

}  // namespace revdep::watch
