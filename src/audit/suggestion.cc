#include "audit/demand.h"
#include "audit/needs.h"
#include "audit/rules.h"

namespace revdep::audit {
namespace {

using pax::Letter;
using pax::Relaxations;

bool is_answered(const Context& context, const Subject& subject, Letter letter) {
  const pax::Marking own = pax::own_marking(subject.stores).value_or(pax::Marking{});
  if (own.get(letter) == pax::relaxed(letter)) return true;
  if (is_denied(subject.stores, letter, subject.filler_e)) return true;
  // A library has to say it itself: what it is granted as a program, its consumers are not.
  if (subject.library) return false;
  Relaxations alone;
  alone.ask(letter);
  const bool is_granted = compute_gaps(context.kernel, subject.stores, alone, subject.filler_e).unmet.empty();
  return subject.asked.asks(letter) || is_granted;
}

}  // namespace

// A program that does not run at all has to be mended first.
Suggestion suggest(const Context& context, const Subject& subject) {
  Suggestion suggestion;
  if (!subject.executable && !subject.library) return suggestion;
  if (subject.executable && subject.verdict.refused) return suggestion;
  for (const Need& need : compute_needs(context, subject)) {
    Relaxations open;
    for (const Letter letter : pax::letters) {
      if (need.letters.asks(letter) && !is_answered(context, subject, letter)) open.ask(letter);
    }
    if (open.empty()) continue;
    suggestion.flags.add(open);
    suggestion.evidence += (suggestion.evidence.empty() ? "" : "; ") + need.evidence;
  }
  return suggestion;
}

}  // namespace revdep::audit
