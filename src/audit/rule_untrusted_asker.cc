#include <utility>

#include "audit/rules.h"
#include "audit/wording.h"
#include "base/escape.h"

namespace revdep::audit {

void check_untrusted_asker(const Context& /*context*/, const Subject& subject, std::vector<Finding>& findings) {
  if (!subject.library || subject.untrusted.empty() || subject.executables == 0) return;
  Finding finding = begin_marking_finding(Rule::untrusted_asker, subject);
  const pax::Marking own = pax::own_marking(subject.stores).value_or(pax::Marking{});
  finding.cause = base::escape(subject.untrusted);
  finding.message = "it asks for " + spell(pax::asked_by(own)) + ", which is not followed: " + finding.cause + "; " +
                    describe_reach(subject);
  findings.push_back(std::move(finding));
}

}  // namespace revdep::audit
