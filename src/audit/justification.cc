#include "audit/justification.h"

#include "audit/demand.h"
#include "audit/needs.h"

namespace revdep::audit {

using pax::Letter;
using pax::Marking;
using pax::Relaxations;
using pax::Setting;

Relaxations compute_justified(const Context& context, const Subject& subject) {
  Relaxations justified = subject.asked;
  justified.add(subject.explained);
  for (const Need& need : compute_needs(context, subject)) justified.add(need.letters);
  const Marking own = pax::own_marking(subject.stores).value_or(Marking{});
  const bool loses_segmexec = own.get(Letter::S) == Setting::off && justified.asks(Letter::S);
  const bool keeps_segmexec = context.kernel.segmexec && !loses_segmexec;
  if (justified.asks(Letter::P) && own.get(Letter::P) == Setting::off && !keeps_segmexec) justified.ask(Letter::M);
  return justified;
}

Relaxations compute_unjustified(const Context& context, const Subject& subject) {
  const Relaxations carried = pax::asked_by(pax::own_marking(subject.stores).value_or(Marking{}));
  const Relaxations unexplained = without(carried, compute_justified(context, subject));
  return supported(context.kernel, without(unexplained, subject.stale));
}

Marking tidied_marking(const Context& context, const Subject& subject) {
  Marking letters = pax::own_marking(subject.stores).value_or(Marking{});
  const Relaxations carried = pax::asked_by(letters);
  Relaxations superfluous = compute_unjustified(context, subject);
  superfluous.add(common(carried, subject.stale));
  for (const Letter letter : pax::letters) {
    if (superfluous.asks(letter)) letters.set(letter, Setting::unset);
  }
  const bool wants_emutramp = without(compute_justified(context, subject), subject.stale).asks(Letter::E);
  if (letters.get(Letter::E) == Setting::unset && !wants_emutramp) letters.set(Letter::E, Setting::off);
  return letters;
}

}  // namespace revdep::audit
