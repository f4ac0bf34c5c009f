// What one open file is beside its content, as far as that forbids or shapes an edit: flags, extended attributes. Reads
// only.
#pragma once

#include <optional>
#include <string>

namespace revdep::migrate {

/// Why no edit at all can be made: immutable, append-only. nullopt: nothing of that kind.
std::optional<std::string> find_edit_fault(int fd);

/// Why its content may not change: fs-verity, security.ima, security.evm. nullopt: it may.
std::optional<std::string> find_content_fault(int fd);

/// Whether it carries the xattr `name`. One that cannot be read counts as there.
bool has_xattr(int fd, const char* name);

/// The raw value; nullopt: absent or unreadable.
std::optional<std::string> read_xattr(int fd, const char* name);

}  // namespace revdep::migrate
