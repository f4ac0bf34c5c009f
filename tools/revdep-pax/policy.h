// From options to the policies of the planner: the kernel, which stores may be made, which files are targets.
#pragma once

#include <string_view>

#include "base/tree.h"
#include "migrate/relaxation.h"
#include "revdep-pax/options.h"

namespace revdep::tool {

/// --markings; left to itself: what the declared kernel reads, else PAX_MARKINGS in the root's make.conf, else the xattr.
migrate::Creates choose_creates(const Options& options, base::Tree& tree);

/// For one file of `abi`.
migrate::RelaxationPolicy file_policy(const Options& options, migrate::Creates creates, elf::Abi abi);

/// --only and --exclude, by fnmatch(3) on the canonical path.
[[nodiscard]] bool is_target(const Options& options, std::string_view path);

}  // namespace revdep::tool
