#include "migrate/inode.h"

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>

#include <cerrno>
#include <cstddef>

// Since Linux 5.4.
#ifndef FS_VERITY_FL
#define FS_VERITY_FL 0x00100000
#endif

namespace revdep::migrate {
namespace {

// Whatever the kernel reads or writes through this ioctl is an int, though its number says long. 0 where the filesystem
// knows no flags.
int read_inode_flags(int fd) {
  int flags = 0;
  return ::ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 ? flags : 0;
}

}  // namespace

std::optional<std::string> find_edit_fault(int fd) {
  const int flags = read_inode_flags(fd);
  if ((flags & FS_IMMUTABLE_FL) != 0) return "it is immutable (chattr +i)";
  if ((flags & FS_APPEND_FL) != 0) return "it is append-only (chattr +a)";
  return std::nullopt;
}

std::optional<std::string> find_content_fault(int fd) {
  if ((read_inode_flags(fd) & FS_VERITY_FL) != 0) return "its content is sealed by fs-verity";
  for (const char* const name : {"security.ima", "security.evm"}) {
    if (has_xattr(fd, name)) return std::string("its content is sealed by ") + name;
  }
  return std::nullopt;
}

bool has_xattr(int fd, const char* name) {
  return ::fgetxattr(fd, name, nullptr, 0) >= 0 || (errno != ENODATA && errno != ENOTSUP);
}

std::optional<std::string> read_xattr(int fd, const char* name) {
  ssize_t length = ::fgetxattr(fd, name, nullptr, 0);
  if (length < 0) return std::nullopt;
  std::string value(static_cast<std::size_t>(length), '\0');
  length = ::fgetxattr(fd, name, value.data(), value.size());
  if (length < 0) return std::nullopt;
  value.resize(static_cast<std::size_t>(length));
  return value;
}

}  // namespace revdep::migrate
