// The rule files of a root, read and parsed: the same for every program. Applies no rule.
#pragma once

#include <vector>

#include "base/error.h"
#include "base/tree.h"
#include "config/rules.h"

namespace revdep::config {

struct ReadRules {
  Rules rules;
  std::vector<base::Error> errors;  ///< lines left out, then files and directories that were not read
};

/// The rules of /usr/lib/revdep-pax/rules.d and /etc/revdep-pax/rules.d, in the order of their file names.
ReadRules read_rules(base::Tree& tree);

}  // namespace revdep::config
