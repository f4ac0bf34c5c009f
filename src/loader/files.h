// The system as the dynamic loader sees it: directories, and what opening a name in one gives. An interface, so that the
// loader's rules can be tested against a system made of nothing.
#pragma once

#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/interner.h"
#include "elf/abi.h"
#include "loader/image.h"

namespace revdep::loader {

/// What glibc's open_verify makes of one candidate.
enum class Opening : unsigned char {
  absent,     ///< no such file: the search goes on
  other_abi,  ///< an object of another class, byte order or machine: glibc searches on, musl gives up
  blocked,    ///< the file cannot be reached (a symlink loop, a file as directory): this list of directories ends
  fatal,      ///< a directory, no ELF object, a program: the loader gives up
  object,
};

struct Opened {
  Opening opening = Opening::absent;
  base::ObjectId object;  ///< for Opening::object
  base::ObjectId file;    ///< one id for all hard links of the same inode
};

class Files {
 public:
  virtual ~Files() = default;

  /// Opens `name` in the canonical `directory`, for a process of `abi`.
  virtual Opened open(std::string_view directory, std::string_view name, elf::Abi abi) = 0;

  /// The canonical directory that a path inside the root leads to (relative: from the root); nullptr when there is none.
  /// The pointer stays valid until the system is read anew.
  virtual const std::string* directory(std::string_view path) = 0;

  /// An object that open() gave, or that the graph knows.
  [[nodiscard]] virtual const Image& image(base::ObjectId object) const = 0;
  /// Its canonical path.
  [[nodiscard]] virtual std::string_view path(base::ObjectId object) const = 0;

  virtual base::Interner<base::NameId>& names() = 0;
};

}  // namespace revdep::loader
