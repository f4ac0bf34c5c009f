#include "audit/demand.h"

#include <optional>

#include "audit/wording.h"
#include "base/escape.h"
#include "migrate/letters.h"
#include "pax/verdict.h"

namespace revdep::audit {
namespace {

using pax::Letter;
using pax::Relaxations;
using pax::Setting;

// An E that goes with P and S counts as granted.
Relaxations ungranted(pax::Effective configured, Relaxations asked) {
  const pax::Effective wanted = pax::relax(configured, asked);
  Relaxations letters;
  for (const Letter letter : pax::letters) {
    const bool relaxes = pax::relaxed(letter) == pax::Setting::on;
    if (asked.asks(letter) && wanted.on(letter) == relaxes && configured.on(letter) != relaxes) letters.ask(letter);
  }
  return letters;
}

}  // namespace

Relaxations supported(const pax::Kernel& kernel, Relaxations letters) {
  Relaxations rest;
  for (const Letter letter : pax::letters) {
    if (letters.asks(letter) && pax::has_feature(kernel, letter)) rest.ask(letter);
  }
  return rest;
}

bool is_denied(const pax::Stores& stores, Letter letter, bool filler_e) {
  const Setting setting = pax::own_marking(stores).value_or(pax::Marking{}).get(letter);
  if (setting == Setting::unset || setting == pax::relaxed(letter)) return false;
  return letter != Letter::E || !(filler_e || migrate::is_toolchain_default(stores));
}

// What is denied is not granted, and without it other letters may be missed: where P stays, an E that is asked counts.
Gaps compute_gaps(const pax::Kernel& kernel, const pax::Stores& stores, Relaxations asked, bool filler_e) {
  Gaps gaps;
  if (asked.empty()) return gaps;
  const pax::Verdict verdict = pax::judge(stores, kernel);
  if (verdict.refused) return gaps;
  for (Relaxations rest = supported(kernel, asked);; rest = without(rest, gaps.denied)) {
    gaps.unmet = ungranted(verdict.configured, rest);
    Relaxations denied;
    for (const Letter letter : pax::letters) {
      if (gaps.unmet.asks(letter) && is_denied(stores, letter, filler_e)) denied.ask(letter);
    }
    if (denied.empty()) return gaps;
    gaps.denied.add(denied);
  }
}

Gaps compute_gaps(const Context& context, const Subject& subject) {
  if (!subject.executable) return {};
  return compute_gaps(context.kernel, subject.stores, subject.asked, subject.filler_e);
}

std::vector<Voice> voices(const Subject& subject, Relaxations letters) {
  std::vector<Voice> result;
  Relaxations rest = letters;
  for (const Asker& asker : subject.askers) {
    const Relaxations asked = common(letters, asker.asked);
    if (asked.empty()) continue;
    rest = without(rest, asked);
    const std::string who = base::escape(asker.path);
    const std::string package = asker.package.empty() ? "" : " [" + base::escape(asker.package) + "]";
    result.push_back({who, who + package, asked, {asker.chain}});
  }
  if (!rest.empty()) result.push_back({"the configuration", "the configuration", rest, {}});
  return result;
}

}  // namespace revdep::audit
