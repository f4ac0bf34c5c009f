#include "elf/marking_reader.h"

#include <fcntl.h>
#include <sys/xattr.h>

#include <cerrno>
#include <optional>
#include <vector>

namespace revdep::elf {
namespace {

// XATTR_SIZE_MAX: no value is longer.
constexpr std::size_t longest_xattr = 65536;

base::Result<std::optional<std::string>> read_xattr(int fd, std::string_view name) {
  char value[pax::xattr_limit + 1];
  const ssize_t length = ::fgetxattr(fd, pax::xattr_name, value, sizeof value);
  if (length >= 0) return std::optional(std::string(value, static_cast<std::size_t>(length)));
  if (errno == ERANGE) {
    // Void whatever it is; read only so that it can be shown.
    std::vector<char> all(longest_xattr);
    if (::fgetxattr(fd, pax::xattr_name, all.data(), all.size()) > static_cast<ssize_t>(pax::xattr_limit)) {
      return std::optional(std::string(all.data(), pax::xattr_limit + 1));
    }
  }
  if (errno == ENODATA || errno == ENOTSUP) return std::optional<std::string>();
  return base::system_error(std::string("read ") + pax::xattr_name + " of", name, errno);
}

}  // namespace

base::Result<MarkedObject> read_marked_object(int fd, std::string_view name) {
  MarkedObject object;
  if (::fstat(fd, &object.status) != 0) return base::system_error("read", name, errno);
  if (!S_ISREG(object.status.st_mode)) return base::Error{"read", std::string(name), "not a regular file"};
  base::Result<Head> head = parse_head(FileSource(fd), name);
  if (!head) return head.error();
  object.head = std::move(*head);
  base::Result<std::optional<std::string>> xattr = read_xattr(fd, name);
  if (!xattr) return xattr.error();
  object.stores.xattr = std::move(*xattr);
  if (object.head.pax) object.stores.header = object.head.pax->p_flags;
  object.stores.ei_pax = object.head.ei_pax;
  return object;
}

base::Result<MarkedObject> read_marked_object(const base::Tree& tree, std::string_view path) {
  const base::Result<base::Fd> fd = tree.open_file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!fd) return fd.error();
  return read_marked_object(fd->get(), tree.prefix() + std::string(path));
}

}  // namespace revdep::elf
