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

base::Result<struct stat> read_regular_status(int fd, std::string_view name) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return base::system_error("read", name, errno);
  if (!S_ISREG(status.st_mode)) return base::Error{"read", std::string(name), "not a regular file"};
  return status;
}

base::Result<pax::Stores> read_stores(int fd, const Head& head, std::string_view name) {
  base::Result<std::optional<std::string>> xattr = read_xattr(fd, name);
  if (!xattr) return xattr.error();
  pax::Stores stores;
  stores.xattr = std::move(*xattr);
  if (head.pax) stores.header = head.pax->p_flags;
  stores.ei_pax = head.ei_pax;
  return stores;
}

base::Result<MarkedObject> read_marked_object(int fd, std::string_view name) {
  const base::Result<struct stat> status = read_regular_status(fd, name);
  if (!status) return status.error();
  base::Result<Facts> facts = parse_facts(FileSource(fd), name, Depth::notes);
  if (!facts) return facts.error();
  base::Result<pax::Stores> stores = read_stores(fd, facts->head, name);
  if (!stores) return stores.error();
  return MarkedObject{std::move(*stores), std::move(facts->head), *status, std::move(facts->dlopen_notes),
                      std::move(facts->problems)};
}

base::Result<MarkedObject> read_marked_object(const base::Tree& tree, std::string_view path) {
  const base::Result<base::Fd> fd = tree.open_file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!fd) return fd.error();
  return read_marked_object(fd->get(), tree.prefix() + std::string(path));
}

bool holds_xattrs(const base::Tree& tree, std::string_view path) {
  const base::Result<base::Fd> fd = tree.open_file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  return !fd || ::fgetxattr(fd->get(), pax::xattr_name, nullptr, 0) >= 0 || errno != ENOTSUP;
}

}  // namespace revdep::elf
