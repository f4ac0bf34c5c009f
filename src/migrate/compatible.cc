#include "migrate/compatible.h"

#include <algorithm>
#include <utility>

#include "pax/verdict.h"

namespace revdep::migrate {

using pax::Letter;
using pax::Marking;
using pax::Setting;

Merge merge(Marking exporter, std::optional<Marking> importer) {
  Merge merged;
  if (importer) merged.result = *importer;
  for (const Letter letter : pax::letters) {
    const Setting ours = merged.result.get(letter);
    const Setting theirs = exporter.get(letter);
    if (theirs == Setting::unset || ours == theirs) continue;
    if (ours == Setting::unset) {
      merged.result.set(letter, theirs);
    } else {
      merged.contradicted.push_back(letter);
    }
  }
  const bool first = !importer && !merged.result.empty();
  if (first && merged.result.get(Letter::E) == Setting::unset) merged.result.set(Letter::E, Setting::off);
  return merged;
}

FilePlan plan_compatible(Marking exporter, const pax::Stores& importer, const RelaxationPolicy& policy) {
  FilePlan plan;
  const std::optional<Marking> own = pax::own_marking(importer);
  // A first marking would hide an EI byte.
  const bool folds_ei = !own && importer.ei_pax != 0 && policy.kernels.front().reads_ei;
  Merge merged = merge(exporter, folds_ei ? std::optional(pax::parse_ei(importer.ei_pax)) : own);
  if (folds_ei && merged.result.get(Letter::E) == Setting::unset) merged.result.set(Letter::E, Setting::off);
  plan.letters = merged.result;
  plan.contradicted = std::move(merged.contradicted);
  if (policy.force) {
    for (const Letter letter : std::exchange(plan.contradicted, {})) plan.letters.set(letter, exporter.get(letter));
  }
  if (plan.letters == own.value_or(Marking{})) return plan;

  plan.judgement = Judgement::refused;
  if (!own && importer.ei_pax != 0 && !policy.kernel_known) {
    plan.reason = "its EI_PAX byte is set, and an xattr may hide it";
    return plan;
  }
  if (!can_carry(importer, policy.creates)) {
    plan.reason = "it has no store that the kernel reads, and none may be made";
    return plan;
  }
  plan.after = in_step(importer, plan.letters, policy.creates);
  plan.replaces_void = has_void_store(importer);
  for (const pax::Kernel& kernel : policy.kernels) {
    plan.mends = plan.mends || pax::judge(importer, kernel).refused;
    const pax::Verdict verdict = pax::judge(plan.after, kernel);
    if (!verdict.refused) continue;
    plan.reason = "a kernel would refuse to run it with " + pax::format_columns(plan.letters) + ": " + verdict.reason;
    return plan;
  }
  plan.judgement = Judgement::edit;
  return plan;
}

}  // namespace revdep::migrate
