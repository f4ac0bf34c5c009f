#include "migrate/copy_content.h"

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>

namespace revdep::migrate {
namespace {

int write_all(int fd, const char* bytes, std::size_t size, off_t offset) {
  while (size != 0) {
    const ssize_t written = ::pwrite(fd, bytes, size, offset);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    if (written == 0) return EIO;
    bytes += written;
    size -= static_cast<std::size_t>(written);
    offset += written;
  }
  return 0;
}

int copy_by_hand(int source, int destination, off_t from, off_t end) {
  std::array<char, 65536> buffer{};
  while (from < end) {
    const std::size_t wanted = static_cast<std::size_t>(std::min<off_t>(end - from, buffer.size()));
    const ssize_t got = ::pread(source, buffer.data(), wanted, from);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) return ESTALE;
    if (const int error = write_all(destination, buffer.data(), static_cast<std::size_t>(got), from)) return error;
    from += got;
  }
  return 0;
}

bool is_unsupported(int error) {
  return error == EXDEV || error == EINVAL || error == ENOSYS || error == EOPNOTSUPP || error == EPERM;
}

int copy_range(int source, int destination, off_t from, off_t end) {
  while (from < end) {
    off_t to = from;
    off_t position = from;
    const auto wanted = static_cast<std::size_t>(end - from);
    const ssize_t copied = ::copy_file_range(source, &position, destination, &to, wanted, 0);
    if (copied < 0 && errno == EINTR) continue;
    if (copied < 0 && !is_unsupported(errno)) return errno;
    // Some filesystems and kernels answer 0 where they cannot.
    if (copied <= 0) return copy_by_hand(source, destination, from, end);
    from += copied;
  }
  return 0;
}

}  // namespace

int copy_content(int source, int destination, off_t size) {
  if (::ioctl(destination, FICLONE, source) == 0) return 0;
  if (::ftruncate(destination, size) != 0) return errno;
  off_t from = 0;
  while (from < size) {
    const off_t data = ::lseek(source, from, SEEK_DATA);
    if (data < 0 && errno == ENXIO) return 0;  // a hole up to the end
    if (data < 0 && errno != EINVAL) return errno;
    const off_t hole = data < 0 ? size : ::lseek(source, data, SEEK_HOLE);
    if (hole < 0) return errno;
    const off_t end = std::min(hole, size);
    if (const int error = copy_range(source, destination, data < 0 ? from : data, end)) return error;
    from = end;
  }
  return 0;
}

}  // namespace revdep::migrate
