// glob(3) inside a root: the existing paths that a shell pattern names. No braces, no tilde.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/tree.h"

namespace revdep::loader {

/// The paths in `tree` that the absolute `pattern` matches, sorted bytewise. Wildcards do not match a leading dot or a
/// slash. Places that several symlinked ways lead to may be named once only; no more than `limit` paths are followed at
/// each level, so that a hostile tree costs no more than that.
std::vector<std::string> expand_glob(base::Tree& tree, std::string_view pattern, std::size_t limit);

}  // namespace revdep::loader
