#include "engine/migration.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "engine/holds.h"
#include "pax/verdict.h"

namespace revdep::engine {
namespace {

using base::ObjectId;
using migrate::Judgement;
using migrate::Reason;
using pax::Letter;
using pax::Relaxations;

using Inode = std::pair<dev_t, ino_t>;

// All names of one file, and what is asked of any of them.
struct Target {
  std::vector<ObjectId> names;
  Relaxations asked;
  std::vector<Reason> reasons;
  const migrate::Claim* claim = nullptr;
  nlink_t links = 0;
};

std::string place_of(const config::Mark& mark) { return mark.file + ':' + std::to_string(mark.line); }

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
        claims_(system, claims, policy.identities),
        askers_(system, claims_, policy.askers),
        holds_(system.tree(), holds) {}

  MigrationPlan plan() {
    MigrationPlan result;
    for (const auto& [inode, target] : find_targets()) {
      Planned planned = plan_file(inode, target);
      const bool silent = planned.judgement == Judgement::right && target.asked.empty() && planned.mark == nullptr;
      if (!silent) result.files.push_back(std::move(planned));
    }
    std::ranges::sort(result.files, {}, [](const Planned& file) -> const std::string& { return file.edit.names[0]; });
    result.untrusted = askers_.untrusted();
    return result;
  }

 private:
  const Ruling& rule(ObjectId id) {
    static const Ruling none;
    return policy_.every_object ? none : system_.ruling(id);
  }

  struct Candidate {
    ObjectId id;
    Relaxations asked;
  };

  // Whose marking is to be looked at at all.
  std::vector<Candidate> find_candidates(const std::vector<ObjectId>& objects) {
    std::vector<Candidate> candidates;
    for (const ObjectId id : objects) {
      if (policy_.targets && !policy_.targets(id)) continue;
      // Before it is judged: with the marking it comes out whether a library is a program too.
      if (system_.marking(id).reading != Reading::read) continue;  // in the system's problems, or gone
      const Ruling& ruling = rule(id);
      const bool is_asked = is_executable(system_.image(id));
      if (ruling.ignored || !(is_asked || policy_.every_object || ruling.mark != nullptr)) continue;
      const Relaxations asked = ruling.mark == nullptr ? askers_.asked_of(id) : Relaxations{};
      candidates.push_back({id, asked});
    }
    return candidates;
  }

  // Whether anything says how its file is to be marked.
  bool is_spoken_for(const Candidate& candidate) {
    return !candidate.asked.empty() || rule(candidate.id).mark != nullptr ||
           claims_.find(system_.graph().path(candidate.id)) != nullptr;
  }

  void add_target(std::map<Inode, Target>& targets, const Candidate& candidate, bool only_known) {
    const std::string_view path = system_.graph().path(candidate.id);
    const auto status = system_.tree().status(path);
    if (!status) return;
    const Inode inode{status->st_dev, status->st_ino};
    if (only_known && !targets.contains(inode)) return;
    Target& target = targets[inode];
    target.names.push_back(candidate.id);
    target.links = status->st_nlink;
    target.asked.add(candidate.asked);
    if (!candidate.asked.empty()) add_reasons(target.reasons, askers_.requirement(candidate.id).reasons);
    if (const migrate::Claim* const claim = claims_.find(path)) target.claim = claim;
  }

  std::vector<ObjectId> find_left_out(const std::vector<ObjectId>& among) {
    askers_.survey();
    std::vector<ObjectId> objects = system_.graph().objects();
    const std::set<ObjectId> known(among.begin(), among.end());
    std::erase_if(objects, [&](ObjectId id) { return known.contains(id); });
    return objects;
  }

  std::map<Inode, Target> find_targets() {
    std::map<Inode, Target> targets;
    std::vector<Candidate> others;
    if (!policy_.among) askers_.survey();
    for (const Candidate& candidate : find_candidates(policy_.among.value_or(system_.graph().objects()))) {
      const bool is_touched = !policy_.touched || policy_.touched(candidate.id, candidate.asked);
      if (is_touched && is_spoken_for(candidate)) {
        add_target(targets, candidate, false);
      } else {
        others.push_back(candidate);
      }
    }
    // What is asked of a file is asked of all its names, and an edit of one is one of all.
    const bool has_more_names =
        std::ranges::any_of(targets, [](const auto& entry) { return entry.second.links > entry.second.names.size(); });
    if (!has_more_names) return targets;
    if (policy_.among) others = find_candidates(find_left_out(*policy_.among));
    for (const Candidate& candidate : others) add_target(targets, candidate, true);
    for (auto& [inode, target] : targets) std::ranges::sort(target.names);
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
    if (plan_by_rule(target, policy, planned)) return planned;

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

  // The admin's rule beats what is asked and what stands on the file. False: there is none.
  bool plan_by_rule(const Target& target, const migrate::RelaxationPolicy& policy, Planned& planned) {
    ObjectId named;
    for (const ObjectId id : target.names) {
      const config::Mark* const mark = rule(id).mark;
      if (mark == nullptr) continue;
      if (planned.mark != nullptr && planned.mark->letters != mark->letters) {
        refuse(planned, "one file with two names, which " + place_of(*planned.mark) + " wants as " +
                            std::string(system_.graph().path(named)) + " and " + place_of(*mark) + " otherwise as " +
                            std::string(system_.graph().path(id)));
        return true;
      }
      if (planned.mark == nullptr) named = id;
      planned.mark = mark;
    }
    if (planned.mark == nullptr) return false;
    const pax::Marking letters = planned.mark->letters;
    planned.reasons.clear();
    Relaxations said;
    for (const Letter letter : pax::letters) {
      if (letters.get(letter) == pax::Setting::unset) continue;
      planned.reasons.push_back({letter, {place_of(*planned.mark)}});
      said.ask(letter);
    }
    Relaxations held;
    for (const ObjectId id : target.names) held.add(holds_.of(system_.graph().path(id)));
    planned.held = common(said, held);
    if (!planned.held.empty()) return true;
    const pax::Stores& before = planned.edit.before;
    // Where the header alone says it already, no xattr is made.
    const bool stands = pax::own_marking(before) == letters;
    const pax::Stores after = migrate::in_step(before, letters, stands ? migrate::Creates::nothing : policy.creates);
    if (!migrate::can_carry(before, policy.creates)) {
      refuse(planned, "it has no store that the kernel reads, and none may be made");
      return true;
    }
    for (const pax::Kernel& kernel : policy.kernels) {
      const pax::Verdict verdict = pax::judge(after, kernel);
      if (!verdict.refused) continue;
      refuse(planned, "a kernel would refuse to run it as " + place_of(*planned.mark) + " says: " + verdict.reason);
      return true;
    }
    planned.edit.after = after;
    planned.judgement = after == before ? Judgement::right : Judgement::edit;
    return true;
  }

  static void refuse(Planned& planned, std::string reason) {
    planned.judgement = Judgement::refused;
    planned.reason = std::move(reason);
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
