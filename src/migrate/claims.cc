#include "migrate/claims.h"

#include <algorithm>

namespace revdep::migrate {
namespace {

using pax::Letter;
using pax::Marking;
using pax::Setting;

const Reason* find_reason(const std::vector<Reason>& reasons, Letter letter) {
  const auto found = std::ranges::find(reasons, letter, &Reason::letter);
  return found == reasons.end() ? nullptr : &*found;
}

// `p` brings `m` and `e` where no S remains: they are asked for as long as it is.
bool is_brought(Letter letter) { return letter == Letter::M || letter == Letter::E; }

bool is_needed(Letter letter, pax::Relaxations asked) {
  return asked.asks(letter) || (is_brought(letter) && asked.asks(Letter::P));
}

// The setting that we gave a letter: an E of ours may also have been switched off, for P.
bool stands(Marking letters, Letter letter) {
  const Setting now = letters.get(letter);
  return now == pax::relaxed(letter) || (letter == Letter::E && now == Setting::off);
}

}  // namespace

std::optional<Withdrawal> plan_withdrawal(const pax::Stores& before, const Claim& claim, pax::Relaxations asked) {
  const std::optional<Marking> own = pax::own_marking(before);
  if (!own) return std::nullopt;
  Marking letters = *own;
  Withdrawal withdrawal;
  for (const Reason& reason : claim.reasons) {
    if (is_needed(reason.letter, asked) || !stands(letters, reason.letter)) continue;
    letters.set(reason.letter, Setting::unset);
    withdrawal.letters.push_back(reason.letter);
  }
  if (withdrawal.letters.empty()) return std::nullopt;
  Marking filler;
  filler.set(Letter::E, Setting::off);
  // Nobody's `e` is due again where an E of ours goes.
  if (claim.filler_e && std::ranges::find(withdrawal.letters, Letter::E) != withdrawal.letters.end()) {
    letters.set(Letter::E, Setting::off);
  }
  // In a header, which stays, it goes on keeping EMUTRAMP off.
  if (claim.filler_e && letters == filler && !before.header) letters = {};
  withdrawal.after = in_step(before, letters, Creates::nothing);
  const bool all_gone = withdrawal.letters.size() == claim.reasons.size();
  if (claim.created_xattr && (letters.empty() || (before.header && all_gone))) {
    withdrawal.after.xattr.reset();
    withdrawal.store_removed = true;
  }
  return withdrawal;
}

bool is_filler(const Claim& claim) { return claim.filler_e && find_reason(claim.reasons, Letter::E) == nullptr; }

std::optional<Claim> replay_claim(const std::vector<JournalledEdit>& edits) {
  Claim claim;
  for (const JournalledEdit& edit : edits) {
    const std::optional<Marking> own = pax::own_marking(edit.before);
    const Marking before = own.value_or(Marking{});
    const Marking after = pax::own_marking(edit.after).value_or(Marking{});
    const bool is_ours = std::ranges::any_of(edit.reasons, [](const Reason& reason) { return !reason.askers.empty(); });
    for (const Letter letter : pax::letters) {
      const bool changed = before.get(letter) != after.get(letter);
      // The `e` of a first marking keeps EMUTRAMP as it was: a filler, whoever asks for what.
      const bool is_filler = letter == Letter::E && !own && after.get(Letter::E) == Setting::off;
      const Reason* reason = find_reason(edit.reasons, letter);
      const bool is_someones = reason != nullptr && reason->askers.empty();
      if (is_filler || !(changed || is_someones)) continue;
      std::erase_if(claim.reasons, [letter](const Reason& ours) { return ours.letter == letter; });
      // What `p` brings is asked for by whoever asks for `p`.
      if (reason == nullptr && is_brought(letter)) reason = find_reason(edit.reasons, Letter::P);
      const bool asked = reason != nullptr && !reason->askers.empty();
      if (asked && stands(after, letter)) claim.reasons.push_back({letter, reason->askers});
    }
    // Who still asks for what was ours before.
    for (Reason& ours : claim.reasons) {
      if (const Reason* const now = find_reason(edit.reasons, ours.letter)) ours.askers = now->askers;
    }
    const Reason* const of_e = find_reason(edit.reasons, Letter::E);
    const bool is_admins = of_e != nullptr && of_e->askers.empty();
    const bool is_nobodys = is_ours && (!own || is_toolchain_default(edit.before));
    const bool stands_so = after.get(Letter::E) == Setting::off || find_reason(claim.reasons, Letter::E) != nullptr;
    // Where an E of ours goes again, the `e` that it replaced is due.
    const bool replaced_e = is_ours && before.get(Letter::E) == Setting::off && after.get(Letter::E) == Setting::on;
    claim.filler_e = !is_admins && stands_so && (claim.filler_e || is_nobodys || replaced_e);
    claim.created_xattr = edit.after.xattr && (claim.created_xattr || (is_ours && !edit.before.xattr));
    claim.file = edit.file;
  }
  std::ranges::sort(claim.reasons, {}, &Reason::letter);
  if (claim.reasons.empty()) return std::nullopt;
  return claim;
}

}  // namespace revdep::migrate
