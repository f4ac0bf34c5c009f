#include "watch/read_lock.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "base/tree.h"

namespace revdep::watch {
namespace {

constexpr unsigned most_files = 8;

std::string lock_path(std::string_view database) {
  while (database.size() > 1 && database.ends_with('/')) database.remove_suffix(1);
  const auto [directory, name] = base::split_path(database);
  return base::join_path(directory, '.' + std::string(name) + ".portage_lockfile");
}

// A lock of the open file and not of the process: it is nobody else's in this process, and conflicts with the process
// locks that Portage takes.
int lock_for_reading(int fd) {
  struct flock lock {};
  lock.l_type = F_RDLCK;
  lock.l_whence = SEEK_SET;
  return ::fcntl(fd, F_OFD_SETLK, &lock) == 0 ? 0 : errno;
}

}  // namespace

ReadLock::ReadLock(std::string_view database) : path_(lock_path(database)) {}

ReadLock::Attempt ReadLock::try_lock() {
  if (held_) return {LockState::held, {}};
  // Portage removes the file when it unlocks. A lock on one that has lost its name says nothing about the next.
  for (unsigned files = 0; files < most_files; ++files) {
    base::Fd fd(::open(path_.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!fd && (errno == ENOENT || errno == ENOTDIR)) return {LockState::absent, {}};
    if (!fd) return fail(base::system_error("lock", path_, errno));
    struct stat locked {};
    if (::fstat(fd.get(), &locked) != 0) return fail(base::system_error("lock", path_, errno));
    if (!S_ISREG(locked.st_mode)) return fail({"lock", path_, "is no regular file"});
    const int error = lock_for_reading(fd.get());
    if (error == EAGAIN || error == EACCES) return {LockState::busy, {}};
    if (error != 0) return fail(base::system_error("lock", path_, error));
    struct stat named {};
    if (::lstat(path_.c_str(), &named) != 0 || named.st_dev != locked.st_dev || named.st_ino != locked.st_ino) continue;
    held_ = std::move(fd);
    return {LockState::held, {}};
  }
  return {LockState::busy, {}};
}

ReadLock::Attempt ReadLock::fail(base::Error error) {
  if (std::exchange(told_, true)) return {LockState::absent, {}};
  return {LockState::absent, std::move(error)};
}

}  // namespace revdep::watch
