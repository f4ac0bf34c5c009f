#include "engine/migration.h"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/holds.h"
#include "pax/verdict.h"

namespace revdep::engine {
namespace {

using base::ObjectId;
using migrate::Judgement;
using migrate::Reason;
using pax::Relaxations;

using Inode = std::pair<dev_t, ino_t>;

// All names of one file, and what is asked of any of them.
struct Target {
  std::vector<ObjectId> names;
  Relaxations asked;
  std::vector<Reason> reasons;
  const migrate::Claim* claim = nullptr;
};

void add_reasons(std::vector<Reason>& reasons, const std::vector<Reason>& others) {
  for (const Reason& other : others) {
    auto found = std::ranges::find(reasons, other.letter, &Reason::letter);
    if (found == reasons.end()) {
      reasons.push_back(other);
      continue;
    }
    found->askers.insert(found->askers.end(), other.askers.begin(), other.askers.end());
    std::sort(found->askers.begin(), found->askers.end());
    found->askers.erase(std::unique(found->askers.begin(), found->askers.end()), found->askers.end());
  }
  std::ranges::sort(reasons, {}, &Reason::letter);
}

class MigrationPlanner {
 public:
  MigrationPlanner(System& system, const MigrationPolicy& policy, const std::vector<migrate::Claim>& claims,
                   const std::vector<migrate::Hold>& holds)
      : system_(system),
        policy_(policy),
        claims_(system, claims),
        askers_(system, claims_, policy.askers),
        holds_(system.tree(), holds) {}

  MigrationPlan plan() {
    MigrationPlan result;
    for (const auto& [inode, target] : find_targets()) {
      Planned planned = plan_file(inode, target);
      const bool silent = planned.judgement == Judgement::right && target.asked.empty();
      if (!silent) result.files.push_back(std::move(planned));
    }
    std::ranges::sort(result.files, {}, [](const Planned& file) -> const std::string& { return file.edit.names[0]; });
    result.untrusted = askers_.untrusted();
    return result;
  }

 private:
  std::map<Inode, Target> find_targets() {
    std::map<Inode, Target> targets;
    askers_.survey();
    for (const ObjectId id : system_.graph().objects()) {
      if (policy_.targets && !policy_.targets(id)) continue;
      // Before it is judged: with the marking it comes out whether a library is a program too.
      if (system_.marking(id).reading != Reading::read) continue;  // in the system's problems, or gone
      if (!policy_.every_object && !is_executable(system_.image(id))) continue;
      const Requirement requirement = askers_.requirement(id);
      const migrate::Claim* const claim = claims_.find(system_.graph().path(id));
      if (requirement.asked.empty() && claim == nullptr) continue;
      const auto status = system_.tree().status(system_.graph().path(id));
      if (!status) continue;
      Target& target = targets[{status->st_dev, status->st_ino}];
      target.names.push_back(id);
      target.asked.add(requirement.asked);
      add_reasons(target.reasons, requirement.reasons);
      if (claim != nullptr) target.claim = claim;
    }
    return targets;
  }

  // Of what is asked, by any of the file's names.
  Relaxations find_held(const Target& target) {
    Relaxations held;
    for (const ObjectId id : target.names) held.add(holds_.of(system_.graph().path(id)));
    return common(target.asked, held);
  }

  Planned plan_file(const Inode& inode, const Target& target) {
    Planned planned;
    planned.executable = target.names.front();
    planned.reasons = target.reasons;
    const auto [device, number] = inode;
    planned.edit.device = device;
    planned.edit.inode = number;
    for (const ObjectId id : target.names) planned.edit.names.emplace_back(system_.graph().path(id));
    std::sort(planned.edit.names.begin(), planned.edit.names.end());
    planned.edit.before = system_.marking(target.names.front()).stores;
    planned.edit.after = planned.edit.before;

    migrate::RelaxationPolicy policy;
    policy.kernels = migrate::kernels_for(policy_.kernel, system_.image(target.names.front()).abi);
    policy.kernel_known = policy_.kernel.kernel.has_value();
    policy.creates = policy_.creates;
    policy.force = policy_.force;
    policy.own_filler = target.claim != nullptr && migrate::is_filler(*target.claim);
    planned.held = find_held(target);
    const Relaxations asked = without(target.asked, planned.held);

    pax::Stores base = planned.edit.before;
    if (target.claim != nullptr && policy_.withdraw) withdraw(base, asked, policy, planned, *target.claim);
    migrate::FilePlan plan = migrate::plan_relaxation(base, asked, policy);
    if (plan.judgement != Judgement::right) planned.judgement = plan.judgement;
    if (!plan.reason.empty()) planned.reason = std::move(plan.reason);
    planned.contradicted = std::move(plan.contradicted);
    planned.mends = plan.mends;
    planned.replaces_void = plan.replaces_void;
    planned.edit.after = plan.judgement == Judgement::edit ? plan.after : base;
    if (planned.edit.after != planned.edit.before) planned.judgement = Judgement::edit;
    return planned;
  }

  // Our letters that nobody asks for go first, unless a kernel would refuse what is left.
  static void withdraw(pax::Stores& base, Relaxations asked, const migrate::RelaxationPolicy& policy, Planned& planned,
                       const migrate::Claim& claim) {
    const auto withdrawal = migrate::plan_withdrawal(base, claim, asked);
    if (!withdrawal) return;
    const bool refused = std::ranges::any_of(
        policy.kernels, [&](const pax::Kernel& kernel) { return pax::judge(withdrawal->after, kernel).refused; });
    if (refused) {
      planned.judgement = Judgement::refused;
      planned.reason = "a kernel would refuse to run it without the letters that nobody asks for any more";
      return;
    }
    base = withdrawal->after;
    planned.withdrawn = withdrawal->letters;
  }

  System& system_;
  const MigrationPolicy& policy_;
  Claims claims_;
  Askers askers_;
  Holds holds_;
};

}  // namespace

MigrationPlan plan_migration(System& system, const MigrationPolicy& policy, const std::vector<migrate::Claim>& claims,
                             const std::vector<migrate::Hold>& holds) {
  return MigrationPlanner(system, policy, claims, holds).plan();
}

}  // namespace revdep::engine
