// Identity of a file, from its bytes. Reads; writes nothing.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "base/tree.h"
#include "elf/facts.h"
#include "migrate/journal.h"

namespace revdep::migrate {

/// Reads the whole file at canonical `path`. Error: it cannot be read, or is no ELF object.
base::Result<Identity> read_identity(const base::Tree& tree, std::string_view path);

/// The same of bytes that the caller opened, `size` of them when it looked; `name` becomes the path. Error as well: there
/// are fewer or more.
base::Result<Identity> read_identity(const elf::ByteSource& source, std::uint64_t size, std::string_view name);

}  // namespace revdep::migrate
