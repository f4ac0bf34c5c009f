// Identity of a file, from its bytes. Reads; writes nothing.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "base/error.h"
#include "base/stamp.h"
#include "base/tree.h"
#include "elf/facts.h"
#include "migrate/journal.h"

namespace revdep::migrate {

/// Reads the whole file at canonical `path`. Error: it cannot be read, or is no ELF object.
base::Result<Identity> read_identity(const base::Tree& tree, std::string_view path);

/// The same of bytes that the caller opened, `size` of them when it looked; `name` becomes the path. Error as well: there
/// are fewer or more.
base::Result<Identity> read_identity(const elf::ByteSource& source, std::uint64_t size, std::string_view name);

/// Identities for those who ask again and again: a file is read again only when its inode, its size or one of its times is
/// another, or when it is so young that a change could leave these as they are.
class IdentityCache {
 public:
  /// `now`: seconds since the epoch.
  base::Result<Identity> read(const base::Tree& tree, std::string_view path, std::time_t now = std::time(nullptr));
  /// Forgets all but these, lest files that came and went pile up.
  void keep_only(const std::unordered_set<std::string>& paths);
  [[nodiscard]] std::size_t size() const { return known_.size(); }

 private:
  struct Known {
    base::Stamp stamp;
    std::string sha256;
  };
  std::unordered_map<std::string, Known> known_;  // by path
};

}  // namespace revdep::migrate
