#include <utility>

#include "audit/remedy.h"
#include "audit/rules.h"
#include "audit/wording.h"

namespace revdep::audit {

void check_needs_marking(const Context& context, const Subject& subject, std::vector<Finding>& findings) {
  const Suggestion suggestion = suggest(context, subject);
  if (suggestion.flags.empty()) return;
  Finding finding = begin_marking_finding(Rule::needs_marking, subject);
  finding.cause = spell(suggestion.flags) + " is needed: " + suggestion.evidence;
  finding.message = finding.cause;
  if (subject.library) finding.message += "; " + describe_reach(subject);
  if (can_carry(context, subject)) finding.mend = command(context, {"-m", "--suggest"}, Objects::follow);
  findings.push_back(std::move(finding));
}

}  // namespace revdep::audit
