// From options to the policies of the planner: the kernel, which stores may be made, which files are targets.
#pragma once

#include <string>
#include <string_view>

#include "base/tree.h"
#include "migrate/relaxation.h"
#include "revdep-pax/options.h"

namespace revdep::tool {

struct JudgedKernel {
  pax::Kernel kernel;
  std::string source;  ///< "declared", "running" or "assumed"
};
/// The declared kernel; else the running one for its own files, as far as it tells; else one that reads both stores.
JudgedKernel kernel_for_verdicts(const Options& options, const base::Tree& tree);

/// What all edits of one run have in common.
struct EditPolicy {
  migrate::KernelKnowledge kernel;
  migrate::Creates creates = migrate::Creates::nothing;
  bool force = false;
  /// For one file.
  [[nodiscard]] migrate::RelaxationPolicy of(elf::Abi abi) const;
};

EditPolicy edit_policy(const Options& options, base::Tree& tree);

/// --only and --exclude, by fnmatch(3) on the canonical path.
[[nodiscard]] bool is_target(const Options& options, std::string_view path);

}  // namespace revdep::tool
