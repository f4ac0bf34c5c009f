#include "revdep-paxd/run_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/secure_open.h"
#include "revdep-paxd/publish.h"

namespace revdep::daemon {
namespace {

constexpr const char* place = "/run/revdep-pax";
constexpr const char* lock_name = "daemon.lock";
constexpr const char* status_name = "status.json";
constexpr std::size_t text_limit = std::size_t{1} << 20U;

struct flock whole_file() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

base::Result<base::Fd> make_directory(base::Tree& tree, const std::string& shown) {
  if (::mkdirat(tree.descriptor(), "run", 0755) != 0 && errno != EEXIST) {
    return base::system_error("make", shown, errno);
  }
  tree.forget();
  const std::string* const run = tree.resolve_directory("/run");
  if (run == nullptr) return base::Error{"make", shown, "/run leads to no directory"};
  // A directory's own file stands for it: all above that is looked at.
  const std::string inside = base::join_path(base::join_path(*run, "revdep-pax"), lock_name);
  auto above = base::open_secure_directory(tree, base::split_path(inside).first, base::Owners::root_only);
  if (!above) return above.error();
  if (::mkdirat(above->fd.get(), above->name.c_str(), 0755) != 0 && errno != EEXIST) {
    return base::system_error("make", shown, errno);
  }
  auto directory = base::open_secure_directory(tree, inside, base::Owners::root_only);
  if (!directory) return directory.error();
  return std::move(directory->fd);
}

std::string read_pid(int fd) {
  char text[32];
  const ssize_t size = ::pread(fd, text, sizeof text, 0);
  const std::string_view all(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  return std::string(all.substr(0, all.find('\n')));
}

// Whether a daemon holds the lock. Asks without taking it, so that one that starts meanwhile is not turned away.
bool is_held(int fd) {
  struct flock lock = whole_file();
  return ::fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

// For users who may not open the lock. A daemon that was killed leaves its status behind, so its process is looked for.
bool is_alive(const std::string& status) {
  const auto json = nlohmann::json::parse(status, nullptr, false);
  if (!json.is_object() || !json.contains("pid") || !json["pid"].is_number_integer()) return false;
  const auto pid = json["pid"].get<pid_t>();
  return pid > 0 && (::kill(pid, 0) == 0 || errno == EPERM);
}

}  // namespace

base::Result<RunDirectory> RunDirectory::take(base::Tree& tree) {
  std::string shown = tree.prefix() + place;
  auto directory = make_directory(tree, shown);
  if (!directory) return directory.error();
  const std::string lock_shown = shown + '/' + lock_name;
  // For root only: whoever can open it could lock it.
  base::Fd lock(::openat(directory->get(), lock_name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock) return base::system_error("lock", lock_shown, errno);
  struct flock whole = whole_file();
  if (::fcntl(lock.get(), F_OFD_SETLK, &whole) != 0) {
    if (errno != EAGAIN && errno != EACCES) return base::system_error("lock", lock_shown, errno);
    const std::string pid = read_pid(lock.get());
    return base::Error{"start on", tree.prefix().empty() ? "/" : tree.prefix(),
                       "another revdep-paxd runs there" + (pid.empty() ? "" : ", process " + pid)};
  }
  const std::string pid = std::to_string(::getpid()) + '\n';
  if (::ftruncate(lock.get(), 0) != 0 ||
      ::pwrite(lock.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return base::system_error("write", lock_shown, errno);
  }
  return RunDirectory(std::move(shown), std::move(*directory), std::move(lock));
}

std::optional<base::Error> RunDirectory::publish_status(std::string_view json) const {
  return publish(directory_.get(), status_name, json, shown_ + '/' + status_name);
}

// The lock's file stays: without it, one who waits for the old file and one who makes a new one would both hold "the" lock.
void RunDirectory::clear() const {
  ::unlinkat(directory_.get(), status_name, 0);
  if (::ftruncate(lock_.get(), 0) != 0) return;
}

base::Result<std::optional<std::string>> read_status(base::Tree& tree) {
  const base::Tree::Resolved directory = tree.resolve(place);
  if (directory.kind == base::FileKind::missing) return {std::nullopt};
  const auto lock = tree.open_file(base::join_path(directory.path, lock_name), O_RDWR);
  if (lock && !is_held(lock->get())) return {std::nullopt};
  if (tree.entry(directory.path, status_name).kind == base::FileKind::missing) return {std::nullopt};
  auto status = tree.read_file(base::join_path(directory.path, status_name), text_limit);
  if (!status) return status.error();
  if (!lock && !is_alive(*status)) return {std::nullopt};
  return {std::move(*status)};
}

}  // namespace revdep::daemon
