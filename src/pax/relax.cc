#include "pax/relax.h"

namespace revdep::pax {

Relaxations asked_by(Marking marking) {
  Relaxations asked;
  for (const Letter letter : letters) {
    if (marking.get(letter) == relaxed(letter)) asked.ask(letter);
  }
  return asked;
}

Marking as_marking(Relaxations asked) {
  Marking marking;
  for (const Letter letter : letters) {
    if (asked.asks(letter)) marking.set(letter, relaxed(letter));
  }
  return marking;
}

Effective relax(Effective effective, Relaxations asked) {
  for (const Letter letter : letters) {
    if (asked.asks(letter)) effective.set(letter, relaxed(letter) == Setting::on);
  }
  if (!effective.on(Letter::P) && !effective.on(Letter::S)) {
    effective.set(Letter::M, false);
    effective.set(Letter::E, false);
  }
  return effective;
}

}  // namespace revdep::pax
