#include <utility>

#include "audit/rules.h"
#include "audit/wording.h"
#include "base/escape.h"

namespace revdep::audit {

void check_unresolved(const Context& /*context*/, const Subject& subject, std::vector<Finding>& findings) {
  for (const std::string& soname : subject.unresolved) {
    Finding finding = begin_finding(Rule::unresolved, subject);
    finding.cause = base::escape(soname) + " has no provider";
    finding.message = "it needs " + base::escape(soname) + ", which has no provider";
    findings.push_back(std::move(finding));
  }
}

}  // namespace revdep::audit
