// The rules of the audit: one a file, each a function from a subject to findings, run as a table. Pure.
#pragma once

#include <vector>

#include "audit/finding.h"
#include "audit/subject.h"

namespace revdep::audit {

using Check = void (*)(const Context& context, const Subject& subject, std::vector<Finding>& findings);

// rule_*.cc
void check_refused(const Context& context, const Subject& subject, std::vector<Finding>& findings);
void check_void_marking(const Context& context, const Subject& subject, std::vector<Finding>& findings);
void check_unmet_requirement(const Context& context, const Subject& subject, std::vector<Finding>& findings);
void check_conflict(const Context& context, const Subject& subject, std::vector<Finding>& findings);
void check_untrusted_asker(const Context& context, const Subject& subject, std::vector<Finding>& findings);
void check_unjustified(const Context& context, const Subject& subject, std::vector<Finding>& findings);
void check_emutramp_by_accident(const Context& context, const Subject& subject, std::vector<Finding>& findings);
void check_stale_claim(const Context& context, const Subject& subject, std::vector<Finding>& findings);
void check_needs_marking(const Context& context, const Subject& subject, std::vector<Finding>& findings);
void check_store_mismatch(const Context& context, const Subject& subject, std::vector<Finding>& findings);
void check_no_xattr(const Context& context, const Subject& subject, std::vector<Finding>& findings);
void check_unresolved(const Context& context, const Subject& subject, std::vector<Finding>& findings);
void check_unreadable(const Context& context, const Subject& subject, std::vector<Finding>& findings);
void check_legacy_ei_pax(const Context& context, const Subject& subject, std::vector<Finding>& findings);
void check_vdb_disagrees(const Context& context, const Subject& subject, std::vector<Finding>& findings);

/// Runs every rule on one subject.
void check(const Context& context, const Subject& subject, std::vector<Finding>& findings);

/// What the ELF facts and the list of known objects say that this object needs, less what its own marking says already or
/// denies: rule needs-marking, and what --suggest sets.
struct Suggestion {
  pax::Relaxations flags;
  std::string evidence;  ///< clauses, joined by "; "
};
Suggestion suggest(const Context& context, const Subject& subject);

}  // namespace revdep::audit
