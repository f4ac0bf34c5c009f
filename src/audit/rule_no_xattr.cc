#include <utility>

#include "audit/demand.h"
#include "audit/rules.h"
#include "audit/wording.h"

namespace revdep::audit {

void check_no_xattr(const Context& context, const Subject& subject, std::vector<Finding>& findings) {
  if (subject.holds_xattrs || subject.stores.header || subject.stores.xattr) return;
  if (compute_gaps(context, subject).unmet.empty() && suggest(context, subject).flags.empty()) return;
  Finding finding = begin_marking_finding(Rule::no_xattr, subject);
  finding.message = std::string("its filesystem cannot hold ") + pax::xattr_name;
  finding.cause = finding.message;
  findings.push_back(std::move(finding));
}

}  // namespace revdep::audit
