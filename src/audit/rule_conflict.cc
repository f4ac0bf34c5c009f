#include <optional>
#include <utility>

#include "audit/demand.h"
#include "audit/remedy.h"
#include "audit/rules.h"
#include "audit/wording.h"

namespace revdep::audit {
namespace {

// The letters of the marking that say the opposite.
std::string spell_denial(pax::Marking own, pax::Relaxations asked) {
  for (const pax::Letter letter : pax::letters) {
    if (!asked.asks(letter)) own.set(letter, pax::Setting::unset);
  }
  return spell(own);
}

}  // namespace

void check_conflict(const Context& context, const Subject& subject, std::vector<Finding>& findings) {
  const pax::Relaxations denied = compute_gaps(context, subject).denied;
  if (denied.empty()) return;
  const pax::Marking own = pax::own_marking(subject.stores).value_or(pax::Marking{});
  const pax::Relaxations held = common(denied, subject.held);
  const pax::Relaxations open = without(denied, held);
  const auto tell = [&](pax::Relaxations letters, const char* outcome, const std::optional<Mend>& mend) {
    if (letters.empty()) return;
    for (Voice& voice : voices(subject, letters)) {
      Finding finding = begin_marking_finding(Rule::conflict, subject);
      finding.cause = spell(voice.asked) + " is asked for by " + voice.origin;
      finding.message = "its own marking says " + spell_denial(own, voice.asked) + ", " + voice.who + " asks for " +
                        spell(voice.asked) + outcome;
      finding.chains = std::move(voice.chains);
      finding.mend = mend;
      findings.push_back(std::move(finding));
    }
  };
  tell(open, "", open.empty() ? std::nullopt : mend_by_force(context, subject));
  tell(held, ", which was undone and is held back", mend_by_releasing(context, subject));
}

}  // namespace revdep::audit
