// Writes user.pax.flags of one file, by descriptor. Touches no header and decides nothing.
#pragma once

#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/tree.h"
#include "pax/marking.h"

namespace revdep::migrate {

/// Gives the object at canonical `path` below `tree` the xattr `marking`, if its stores still are `expected`: what was
/// read when the edit was decided. Changes nothing else but the file's ctime. nullopt: done. Error: it is no regular file
/// or no ELF object any more, its marking changed meanwhile, or the system says no.
std::optional<base::Error> set_marking(const base::Tree& tree, std::string_view path, const pax::Stores& expected,
                                       pax::Marking marking);

}  // namespace revdep::migrate
