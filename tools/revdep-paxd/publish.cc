#include "revdep-paxd/publish.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/fd.h"
#include "base/tree.h"

namespace revdep::daemon {
namespace {

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

std::optional<base::Error> publish(int directory, const std::string& name, std::string_view text,
                                   const std::string& shown) {
  constexpr mode_t readable = 0644;
  // A name that no collector of "*.prom" takes for a finished file.
  const std::string temporary = '.' + name + '.' + std::to_string(::getpid());
  constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  base::Fd file(::openat(directory, temporary.c_str(), flags, readable));
  if (!file && errno == EEXIST && ::unlinkat(directory, temporary.c_str(), 0) == 0) {
    file = base::Fd(::openat(directory, temporary.c_str(), flags, readable));
  }
  if (!file) return base::system_error("write", shown, errno);
  if (::fchmod(file.get(), readable) == 0 && write_all(file.get(), text) &&
      ::renameat(directory, temporary.c_str(), directory, name.c_str()) == 0) {
    return std::nullopt;
  }
  base::Error error = base::system_error("write", shown, errno);
  ::unlinkat(directory, temporary.c_str(), 0);
  return error;
}

std::optional<base::Error> publish(const std::string& path, std::string_view text) {
  const auto [directory, name] = base::split_path(path);
  const base::Fd opened(::open(std::string(directory).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!opened) return base::system_error("write", path, errno);
  return publish(opened.get(), std::string(name), text, path);
}

}  // namespace revdep::daemon
