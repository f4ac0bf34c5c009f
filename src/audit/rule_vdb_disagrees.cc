#include <utility>

#include "audit/rules.h"
#include "audit/wording.h"
#include "base/escape.h"

namespace revdep::audit {

void check_vdb_disagrees(const Context& /*context*/, const Subject& subject, std::vector<Finding>& findings) {
  for (const std::string& disagreement : subject.disagreements) {
    Finding finding = begin_finding(Rule::vdb_disagrees, subject);
    finding.cause = "the package database and the file disagree";
    finding.message = base::escape(disagreement);
    findings.push_back(std::move(finding));
  }
}

}  // namespace revdep::audit
