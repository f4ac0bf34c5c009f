// What all verdicts and edits of a run have in common: the kernel as far as it is known, and the stores that may be made.
// Reads; judges no file.
#pragma once

#include <optional>
#include <string>

#include "base/tree.h"
#include "config/settings.h"
#include "migrate/relaxation.h"

namespace revdep::engine {

struct KnownKernel {
  pax::Kernel judges;              ///< for verdicts; where nothing is known, one that reads both stores
  std::string source;              ///< of that: "declared", "running" or "assumed"
  migrate::KernelKnowledge edits;  ///< for edits: unknown unless what it was built to read is
};
/// The declared kernel; else the running one for its own files, as far as it tells.
KnownKernel find_kernel(const std::optional<pax::Kernel>& declared, const base::Tree& tree);

using config::Markings;

struct EditPolicy {
  migrate::KernelKnowledge kernel;
  migrate::Creates creates = migrate::Creates::nothing;
  bool force = false;
  /// For one file.
  [[nodiscard]] migrate::RelaxationPolicy of(elf::Abi abi) const;
};
/// Left to itself, the stores: what the known kernel reads, else PAX_MARKINGS in the root's make.conf, else the xattr.
EditPolicy choose_edit_policy(const migrate::KernelKnowledge& kernel, Markings markings, bool force, base::Tree& tree);

}  // namespace revdep::engine
