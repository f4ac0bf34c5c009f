// What the commands that audit read beside the system: the journal, the lists of known objects, the admin's rules. Reads;
// decides nothing.
#pragma once

#include <memory>
#include <vector>

#include "config/rules.h"
#include "engine/audit.h"
#include "engine/edit_policy.h"
#include "migrate/journal.h"
#include "revdep-pax/commands.h"

namespace revdep::tool {

/// The rules of the root's rules.d. What is wrong with them goes to `problems`.
config::Rules read_rules(base::Tree& tree, std::vector<base::Error>& problems);

struct Evidence {
  migrate::Journal journal;
  engine::KnownKernel kernel;
  engine::EditPolicy edits;
  engine::AuditInput input;  ///< points to the journal
};
/// Error: the journal is refused.
base::Result<std::unique_ptr<Evidence>> read_evidence(Session& session);

}  // namespace revdep::tool
