#include "pax/refusal.h"

namespace revdep::pax {
namespace {

// On unless switched off.
bool refused_in_hard_mode(Marking marking) {
  const auto is_on = [marking](Letter letter) { return marking.get(letter) != Setting::off; };
  return !is_on(Letter::P) && (is_on(Letter::M) || is_on(Letter::E));
}

// Off unless switched on. EMUTRAMP is not taken without PAGEEXEC, so that it cannot be on alone.
bool refused_in_soft_mode(Marking marking) {
  return marking.get(Letter::P) != Setting::on && marking.get(Letter::M) == Setting::on;
}

}  // namespace

bool refused_by_kernel(Marking marking) { return refused_in_hard_mode(marking) || refused_in_soft_mode(marking); }

}  // namespace revdep::pax
