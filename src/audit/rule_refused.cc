#include <utility>

#include "audit/remedy.h"
#include "audit/rules.h"
#include "audit/wording.h"

namespace revdep::audit {

void check_refused(const Context& context, const Subject& subject, std::vector<Finding>& findings) {
  if (!subject.executable || !subject.verdict.refused) return;
  Finding finding = begin_marking_finding(Rule::refused, subject);
  const std::string stores = describe_stores(subject.stores);
  finding.message = (stores.empty() ? "" : stores + "; ") + "the kernel refuses to run it: " + subject.verdict.reason;
  finding.cause = subject.verdict.reason;
  finding.mend = mend_by_agreeing(context, subject);
  findings.push_back(std::move(finding));
}

}  // namespace revdep::audit
