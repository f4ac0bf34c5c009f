// The plan of a whole system under the requirements policy: every executable, what is asked of it, and the edit that grants
// it. Reads; writes nothing.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/rules.h"
#include "engine/requirements.h"
#include "migrate/claims.h"
#include "migrate/edit.h"
#include "migrate/identity.h"
#include "migrate/relaxation.h"

namespace revdep::engine {

struct MigrationPolicy {
  migrate::KernelKnowledge kernel;
  migrate::Creates creates = migrate::Creates::xattr;
  bool force = false;
  bool withdraw = true;
  bool every_object = false;                    ///< libraries too, whatever rules say: for taking marks back
  std::function<bool(base::ObjectId)> targets;  ///< which executables may be changed; empty: all
  std::function<bool(base::ObjectId)> askers;   ///< which libraries are followed; empty: all
  /// Told of each target what is asked of it; whether to plan for it, or for another name of its file. Empty: for all.
  std::function<bool(base::ObjectId, pax::Relaxations)> touched;
  /// What is asked of others did not change: they are left out. nullopt: all are looked at.
  std::optional<std::vector<base::ObjectId>> among;
  migrate::IdentityCache* identities = nullptr;  ///< of earlier plans; nullptr: there were none
};

/// One file, whatever its names, and what becomes of it.
struct Planned {
  base::ObjectId executable;  ///< the first of its names
  migrate::Edit edit;         ///< before == after: nothing is to be done
  migrate::Judgement judgement = migrate::Judgement::right;
  std::vector<migrate::Reason> reasons;
  std::vector<pax::Letter> contradicted;
  pax::Relaxations held;               ///< asked, but an undo holds them back
  std::vector<pax::Letter> withdrawn;  ///< ours, and nobody asks any more
  bool mends = false;
  bool replaces_void = false;
  const config::Mark* mark = nullptr;  ///< the rule that says what its marking is
  std::string reason;                  ///< why it is refused
};

struct MigrationPlan {
  std::vector<Planned> files;          ///< of which something is asked or withdrawn, sorted by path
  std::vector<base::Error> untrusted;  ///< libraries that are not followed
};

MigrationPlan plan_migration(System& system, const MigrationPolicy& policy, const std::vector<migrate::Claim>& claims,
                             const std::vector<migrate::Hold>& holds);

}  // namespace revdep::engine
