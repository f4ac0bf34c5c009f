#include <utility>

#include "audit/rules.h"
#include "audit/wording.h"
#include "base/escape.h"

namespace revdep::audit {

void check_unreadable(const Context& /*context*/, const Subject& subject, std::vector<Finding>& findings) {
  if (subject.unreadable.empty()) return;
  Finding finding = begin_finding(Rule::unreadable, subject);
  finding.severity = subject.lacks_privilege ? Severity::note : Severity::warning;
  finding.message = base::escape(subject.unreadable);
  finding.cause = subject.lacks_privilege ? "cannot be read without privilege" : finding.message;
  findings.push_back(std::move(finding));
}

}  // namespace revdep::audit
