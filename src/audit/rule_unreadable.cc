#include <utility>

#include "audit/rules.h"
#include "audit/wording.h"

namespace revdep::audit {

void check_unreadable(const Context& /*context*/, const Subject& subject, std::vector<Finding>& findings) {
  if (subject.unreadable.empty()) return;
  Finding finding = begin_finding(Rule::unreadable, subject);
  finding.severity = subject.lacks_privilege ? Severity::note : Severity::warning;
  finding.message = escape_name(subject.unreadable);
  finding.cause = subject.lacks_privilege ? "cannot be read without privilege" : finding.message;
  findings.push_back(std::move(finding));
}

}  // namespace revdep::audit
