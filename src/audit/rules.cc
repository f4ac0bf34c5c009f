#include "audit/rules.h"

#include <array>

namespace revdep::audit {
namespace {

constexpr std::array<Check, 14> checks_of_what_was_read = {
    check_refused,     check_void_marking,         check_unmet_requirement, check_conflict,      check_untrusted_asker,
    check_unjustified, check_emutramp_by_accident, check_stale_claim,       check_needs_marking, check_store_mismatch,
    check_no_xattr,    check_unresolved,           check_legacy_ei_pax,     check_vdb_disagrees,
};

}  // namespace

void check(const Context& context, const Subject& subject, std::vector<Finding>& findings) {
  check_unreadable(context, subject, findings);
  if (!subject.unreadable.empty()) return;
  for (const Check rule : checks_of_what_was_read) rule(context, subject, findings);
}

}  // namespace revdep::audit
