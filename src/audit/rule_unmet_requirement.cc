#include <optional>
#include <utility>

#include "audit/demand.h"
#include "audit/remedy.h"
#include "audit/rules.h"
#include "audit/wording.h"

namespace revdep::audit {

void check_unmet_requirement(const Context& context, const Subject& subject, std::vector<Finding>& findings) {
  const pax::Relaxations unmet = compute_gaps(context, subject).unmet;
  const pax::Relaxations open = without(unmet, subject.held);
  if (!open.empty()) {
    const std::optional<Mend> mend = mend_by_carrying(context, subject);
    for (Voice& voice : voices(subject, open)) {
      Finding finding = begin_marking_finding(Rule::unmet_requirement, subject);
      const std::string letters = spell(voice.asked);
      finding.cause = letters + " is asked for by " + voice.origin;
      finding.message =
          letters + " is asked for by " + voice.who + ", but the kernel " + describe_ungranted(voice.asked);
      finding.chains = std::move(voice.chains);
      finding.mend = mend;
      findings.push_back(std::move(finding));
    }
  }
  const pax::Relaxations held = common(unmet, subject.held);
  if (held.empty()) return;
  for (Voice& voice : voices(subject, held)) {
    Finding finding = begin_marking_finding(Rule::unmet_requirement, subject);
    const std::string letters = spell(voice.asked);
    finding.cause = letters + " was undone and is held back";
    finding.message = letters + " is asked for by " + voice.who + ", but was undone and is held back";
    finding.chains = std::move(voice.chains);
    finding.mend = mend_by_releasing(context, subject);
    findings.push_back(std::move(finding));
  }
}

}  // namespace revdep::audit
