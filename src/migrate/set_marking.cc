#include "migrate/set_marking.h"

#include <fcntl.h>
#include <sys/xattr.h>

#include <cerrno>
#include <string>

#include "elf/marking_reader.h"

namespace revdep::migrate {

std::optional<base::Error> set_marking(const base::Tree& tree, std::string_view path, const pax::Stores& expected,
                                       pax::Marking marking) {
  const std::string action = std::string("set ") + pax::xattr_name + " on";
  const std::string shown = tree.prefix() + std::string(path);
  // An xattr needs write permission, but no descriptor open for writing: a running program can be marked.
  const auto fd = tree.open_file(path, O_RDONLY | O_NONBLOCK);
  if (!fd) return base::Error{action, shown, fd.error().reason};
  const auto now = elf::read_marked_object(fd->get(), shown);
  if (!now) return base::Error{action, shown, now.error().reason};
  if (now->stores != expected) return base::Error{action, shown, "its marking changed meanwhile"};

  const std::string value = pax::format_letters(marking);
  const int flags = expected.xattr ? XATTR_REPLACE : XATTR_CREATE;
  if (::fsetxattr(fd->get(), pax::xattr_name, value.data(), value.size(), flags) == 0) return std::nullopt;
  if (errno == EEXIST || errno == ENODATA) return base::Error{action, shown, "its marking changed meanwhile"};
  return base::system_error(action, shown, errno);
}

}  // namespace revdep::migrate
