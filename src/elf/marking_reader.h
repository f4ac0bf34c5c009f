// The hot path: all stores of one object's marking, in as few system calls as a safe reader can make.
#pragma once

#include <sys/stat.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/fd.h"
#include "base/tree.h"
#include "elf/facts.h"
#include "pax/marking.h"

namespace revdep::elf {

struct MarkedObject {
  pax::Stores stores;
  Head head;
  struct stat status {};
  std::vector<DlopenNote> dlopen_notes;
  std::vector<std::string> problems;  ///< of the notes; all else stands
};

/// Reads header, notes and xattr of the object at canonical `path` below `tree`: open (O_NOFOLLOW, O_NONBLOCK, O_CLOEXEC), fstat,
/// one pread of 1 KiB, fgetxattr, close. A filesystem without xattrs has none to read: no error.
/// Error: cannot be opened, is no regular file, is no ELF object.
base::Result<MarkedObject> read_marked_object(const base::Tree& tree, std::string_view path);

/// The same of a descriptor that the caller opened.
base::Result<MarkedObject> read_marked_object(int fd, std::string_view name);

/// Whether the filesystem of the file at canonical `path` can hold user.pax.flags. True as well where that cannot be told.
bool holds_xattrs(const base::Tree& tree, std::string_view path);

/// Its two halves, for who parses more of the object in between. Error of the first: no regular file.
base::Result<struct stat> read_regular_status(int fd, std::string_view name);
base::Result<pax::Stores> read_stores(int fd, const Head& head, std::string_view name);

}  // namespace revdep::elf
