#include <utility>

#include "audit/remedy.h"
#include "audit/rules.h"
#include "audit/wording.h"

namespace revdep::audit {
namespace {

// What a migration leaves of the marking when it takes the letters back.
pax::Marking without_stale(const Subject& subject) {
  pax::Marking letters = pax::own_marking(subject.stores).value_or(pax::Marking{});
  for (const pax::Letter letter : pax::letters) {
    if (!subject.stale.asks(letter)) continue;
    letters.set(letter, letter == pax::Letter::E ? pax::Setting::off : pax::Setting::unset);
  }
  return letters;
}

}  // namespace

void check_stale_claim(const Context& context, const Subject& subject, std::vector<Finding>& findings) {
  if (subject.stale.empty()) return;
  Finding finding = begin_marking_finding(Rule::stale_claim, subject);
  const std::string letters = spell(subject.stale);
  finding.cause = "nobody asks for " + letters + " any more";
  finding.message = letters + " was set for libraries that do not ask for it any more";
  // A migration takes letters back from executables only, and never so that a kernel would refuse what is left.
  if (subject.executable && runs_with(context, subject, without_stale(subject))) {
    finding.mend = command(context, {"-r", "-m"}, Objects::none);
  }
  findings.push_back(std::move(finding));
}

}  // namespace revdep::audit
