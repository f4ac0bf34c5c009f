// Which of the admin's rules hold for a path. Pure; looks at no file and resolves no link.
#pragma once

#include <string_view>
#include <vector>

#include "config/rules.h"

namespace revdep::config {

/// The one `mark` or `ignore` that holds for `path` (canonical): of all that fit, one that names the path itself comes
/// before one with wildcards, then the first in the order of files and lines.
struct Ruling {
  const Mark* mark = nullptr;  ///< at most one of the two is not null; they point into the rules
  const Ignore* ignore = nullptr;
};
Ruling find_ruling(const Rules& rules, std::string_view path);

/// All that fit: their flags add up.
std::vector<const Require*> find_requirements(const Rules& rules, std::string_view library);

}  // namespace revdep::config
