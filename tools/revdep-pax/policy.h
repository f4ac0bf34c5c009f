// From options to the policies of the planner: the kernel, which stores may be made, which files are targets.
#pragma once

#include <string_view>

#include "base/tree.h"
#include "engine/edit_policy.h"
#include "revdep-pax/options.h"

namespace revdep::tool {

engine::EditPolicy edit_policy(const Options& options, base::Tree& tree);

/// --only and --exclude, by fnmatch(3) on the canonical path.
[[nodiscard]] bool is_target(const Options& options, std::string_view path);

}  // namespace revdep::tool
