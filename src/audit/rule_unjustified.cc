#include <utility>

#include "audit/justification.h"
#include "audit/remedy.h"
#include "audit/rules.h"
#include "audit/wording.h"

namespace revdep::audit {

// What a library carries is also what it asks of others: nothing is proposed that would take that away.
void check_unjustified(const Context& context, const Subject& subject, std::vector<Finding>& findings) {
  if (!subject.executable || subject.verdict.refused) return;
  const pax::Relaxations unjustified = compute_unjustified(context, subject);
  if (unjustified.empty()) return;
  Finding finding = begin_marking_finding(Rule::unjustified, subject);
  if (subject.privileged) finding.severity = Severity::error;
  finding.cause = "nothing known asks for " + spell(unjustified);
  finding.message = "its own marking says " + spell(unjustified) + ", and nothing known asks for it";
  if (subject.privileged) finding.message += "; it is privileged";
  if (!subject.library) finding.mend = mend_by_setting(context, subject, tidied_marking(context, subject));
  findings.push_back(std::move(finding));
}

}  // namespace revdep::audit
