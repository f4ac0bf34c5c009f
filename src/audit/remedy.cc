#include "audit/remedy.h"

#include <algorithm>
#include <string>
#include <vector>

#include "audit/demand.h"
#include "audit/wording.h"
#include "migrate/letters.h"
#include "migrate/relaxation.h"
#include "pax/verdict.h"

namespace revdep::audit {
namespace {

using migrate::Creates;
using pax::Kernel;
using pax::Letter;
using pax::Marking;
using pax::Setting;
using pax::Stores;

migrate::KernelKnowledge knowledge(const Context& context) {
  return context.kernel_known ? migrate::KernelKnowledge{context.kernel} : migrate::KernelKnowledge{};
}

Creates creates(const Context& context, const Subject& subject) {
  return context.creates_xattr && subject.holds_xattrs ? Creates::xattr : Creates::nothing;
}

Stores stores_with(const Context& context, const Subject& subject, Marking letters) {
  return migrate::in_step(subject.stores, letters, creates(context, subject));
}

// The kernels that the editing commands judge by, and those that the verdict is about.
bool runs(const Context& context, const Subject& subject, const Stores& stores) {
  std::vector<Kernel> kernels = migrate::kernels_for(knowledge(context), subject.abi);
  for (const Kernel& kernel : migrate::kernels_for({context.kernel}, subject.abi)) kernels.push_back(kernel);
  return std::ranges::none_of(kernels, [&](const Kernel& kernel) { return pax::judge(stores, kernel).refused; });
}

Marking filler() {
  Marking marking;
  marking.set(Letter::E, Setting::off);
  return marking;
}

// Switching EMUTRAMP off relaxes nothing; MPROTECT that nobody insists on is on still, in hard mode.
std::vector<Marking> least_relaxed_first(Marking own) {
  std::vector<Marking> candidates;
  const auto add = [&](Setting mprotect) {
    for (const Setting emutramp : {own.get(Letter::E), Setting::off}) {
      Marking letters = own;
      letters.set(Letter::M, mprotect);
      letters.set(Letter::E, emutramp);
      candidates.push_back(letters);
    }
  };
  add(own.get(Letter::M));
  if (own.get(Letter::M) == Setting::on) add(Setting::unset);
  add(Setting::off);
  return candidates;
}

// What a run of the migration that is to grant what is asked would leave in the stores; nullopt: it would decline.
std::optional<Stores> migrated(const Context& context, const Subject& subject, bool force) {
  migrate::RelaxationPolicy policy;
  policy.kernels = migrate::kernels_for(knowledge(context), subject.abi);
  policy.kernel_known = context.kernel_known;
  policy.creates = creates(context, subject);
  policy.force = force;
  policy.own_filler = subject.filler_e;
  const migrate::FilePlan plan = migrate::plan_relaxation(subject.stores, without(subject.asked, subject.held), policy);
  if (plan.judgement != migrate::Judgement::edit) return std::nullopt;
  return plan.after;
}

Gaps gaps_with(const Context& context, const Subject& subject, const Stores& stores) {
  return compute_gaps(context.kernel, stores, without(subject.asked, subject.held), subject.filler_e);
}

}  // namespace

bool can_carry(const Context& context, const Subject& subject) {
  return migrate::can_carry(subject.stores, creates(context, subject));
}

bool runs_with(const Context& context, const Subject& subject, Marking letters) {
  return runs(context, subject, stores_with(context, subject, letters));
}

std::optional<Mend> mend_by_setting(const Context& context, const Subject& subject, Marking letters) {
  if (letters.empty() || letters == filler()) return mend_by_clearing(context, subject);
  if (!runs_with(context, subject, letters)) return std::nullopt;
  return command(context, {"--set", pax::format_letters(letters)}, Objects::follow);
}

std::optional<Mend> mend_by_completing(const Context& context, const Subject& subject, Marking letters) {
  for (const Marking candidate : least_relaxed_first(letters)) {
    if (auto mend = mend_by_setting(context, subject, candidate)) return mend;
  }
  return std::nullopt;
}

// A header cannot be taken away: `e` alone gives what no marking gives.
std::optional<Mend> mend_by_clearing(const Context& context, const Subject& subject) {
  Stores bare = subject.stores;
  bare.xattr.reset();
  const Stores after = migrate::in_step(bare, filler(), Creates::nothing);
  if (!runs(context, subject, after)) return std::nullopt;
  return command(context, {"--clear"}, Objects::follow);
}

std::optional<Mend> mend_by_agreeing(const Context& context, const Subject& subject) {
  if (const std::optional<Marking> own = pax::own_marking(subject.stores)) {
    const Stores agreed = stores_with(context, subject, *own);
    if (runs(context, subject, agreed)) return command(context, {"--sync"}, Objects::follow);
    if (auto mend = mend_by_completing(context, subject, *own)) return mend;
  }
  return mend_by_clearing(context, subject);
}

std::optional<Mend> mend_by_carrying(const Context& context, const Subject& subject) {
  const auto after = migrated(context, subject, false);
  if (after && gaps_with(context, subject, *after).unmet.empty()) return command(context, {"-r", "-m"}, Objects::none);
  if (const std::optional<Marking> own = pax::own_marking(subject.stores)) {
    const Stores agreed = stores_with(context, subject, *own);
    if (runs(context, subject, agreed) && gaps_with(context, subject, agreed).unmet.empty()) {
      return command(context, {"--sync"}, Objects::follow);
    }
  }
  return mend_by_force(context, subject);
}

// --only takes a pattern, and a path may look like one.
std::optional<Mend> mend_by_force(const Context& context, const Subject& subject) {
  const auto after = migrated(context, subject, true);
  if (!after) return std::nullopt;
  const Gaps left = gaps_with(context, subject, *after);
  if (!left.unmet.empty() || !left.denied.empty()) return std::nullopt;
  std::string pattern;
  for (const char character : subject.path) {
    if (character == '*' || character == '?' || character == '[' || character == '\\') pattern += '\\';
    pattern += character;
  }
  return command(context, {"--force", "-f", "-m", "--only", pattern}, Objects::none);
}

Mend mend_by_releasing(const Context& context, const Subject& subject) {
  return command(context, {"--release", subject.path}, Objects::none);
}

}  // namespace revdep::audit
