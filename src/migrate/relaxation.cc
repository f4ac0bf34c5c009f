#include "migrate/relaxation.h"

#include <elf.h>

#include <algorithm>

#include "pax/verdict.h"

namespace revdep::migrate {
namespace {

using pax::Effective;
using pax::Kernel;
using pax::Letter;
using pax::Marking;
using pax::Relaxations;
using pax::Setting;
using pax::Stores;

// What the letters of one file become, step by step.
class Planner {
 public:
  Planner(const Stores& before, Relaxations asked, const RelaxationPolicy& policy)
      : before_(before), asked_(asked), policy_(policy), own_(pax::own_marking(before)) {}

  FilePlan plan() {
    if (asked_.empty()) return std::move(plan_);
    if (!own_ && before_.ei_pax != 0 && !policy_.kernel_known) {
      return refuse("its EI_PAX byte is set, and whether the kernel reads it is unknown");
    }
    read_base();
    if (is_granted()) return std::move(plan_);
    if (!can_carry(before_, policy_.creates))
      return refuse("it has no store that the kernel reads, and none may be made");
    choose_letters();
    if (std::ranges::find(plan_.contradicted, Letter::P) != plan_.contradicted.end()) choose_letters_without_p();
    if (plan_.letters == own_.value_or(Marking{}) && own_ && !plan_.mends) return refuse("its own letters contradict");
    plan_.after = in_step(before_, plan_.letters, policy_.creates);
    plan_.replaces_void = has_void_store(before_);
    if (const std::string reason = object_to(plan_.after); !reason.empty()) return refuse(reason);
    plan_.judgement = plan_.after == before_ ? Judgement::right : Judgement::edit;
    return std::move(plan_);
  }

 private:
  // A kernel without EMUTRAMP has nothing to grant an E with, and needs none.
  [[nodiscard]] Effective relax(std::size_t index) const {
    Relaxations asked;
    for (const Letter letter : pax::letters) {
      const bool has_it = letter != Letter::E || policy_.kernels[index].emutramp;
      if (asked_.asks(letter) && has_it) asked.ask(letter);
    }
    return pax::relax(base_[index], asked);
  }

  FilePlan refuse(std::string reason) {
    plan_.judgement = Judgement::refused;
    plan_.reason = std::move(reason);
    return std::move(plan_);
  }

  // The verdicts that are to be relaxed. Stores that disagree, or of which the kernel reads only one, count as if they
  // were in step: that is what they become.
  void read_base() {
    const Stores base = own_ ? in_step(before_, *own_, policy_.creates) : before_;
    for (const Kernel& kernel : policy_.kernels) {
      plan_.mends = plan_.mends || pax::judge(before_, kernel).refused;
      pax::Verdict verdict = pax::judge(base, kernel);
      // Not even its own letters alone let it run: what was meant is what remains of them.
      broken_ = broken_ || verdict.refused;
      base_.push_back(verdict.configured);
    }
  }

  [[nodiscard]] bool is_granted() const {
    if (broken_ || plan_.mends) return false;
    for (std::size_t index = 0; index < base_.size(); ++index) {
      if (relax(index) != base_[index]) return false;
    }
    return true;
  }

  // The letters in which some kernel's set has to change.
  void choose_letters() {
    if (own_) plan_.letters = *own_;
    if (!own_ && before_.ei_pax != 0 && policy_.kernels.front().reads_ei) plan_.letters = pax::parse_ei(before_.ei_pax);
    for (const Letter letter : pax::letters) {
      for (std::size_t index = 0; index < base_.size(); ++index) {
        const bool now = base_[index].on(letter);
        if (relax(index).on(letter) == now) continue;
        set_letter(letter, now ? Setting::off : Setting::on);
        break;  // what the other kernels need is checked at the end
      }
    }
    const bool needs_filler = !own_ && plan_.letters.get(Letter::E) == Setting::unset && !plan_.letters.empty();
    if (!needs_filler) return;
    plan_.letters.set(Letter::E, Setting::off);
  }

  // Where someone insists on P, what an asked `p` would have brought is not wanted either.
  void choose_letters_without_p() {
    Relaxations others;
    for (const Letter letter : pax::letters) {
      if (letter != Letter::P && asked_.asks(letter)) others.ask(letter);
    }
    asked_ = others;
    plan_.letters = {};
    plan_.contradicted = {Letter::P};
    choose_letters();
    std::ranges::sort(plan_.contradicted);
  }

  void set_letter(Letter letter, Setting setting) {
    const Setting now = plan_.letters.get(letter);
    if (now == setting) return;
    const bool filler =
        letter == Letter::E && now == Setting::off && (policy_.own_filler || is_toolchain_default(before_));
    if (now != Setting::unset && !policy_.force && !filler) {
      plan_.contradicted.push_back(letter);
      return;
    }
    plan_.letters.set(letter, setting);
  }

  // "" when in each kernel the file runs and has what is asked, less what contradicts, and nothing else changed.
  [[nodiscard]] std::string object_to(const Stores& after) const {
    for (std::size_t index = 0; index < base_.size(); ++index) {
      const Kernel& kernel = policy_.kernels[index];
      const pax::Verdict verdict = pax::judge(after, kernel);
      if (verdict.refused) return "a kernel would refuse to run it: " + verdict.reason;
      if (broken_) continue;
      const Effective wanted = relax(index);
      for (const Letter letter : pax::letters) {
        const bool excused =
            std::find(plan_.contradicted.begin(), plan_.contradicted.end(), letter) != plan_.contradicted.end();
        if (excused ? verdict.configured.on(letter) != base_[index].on(letter)
                    : verdict.configured.on(letter) != wanted.on(letter)) {
          return std::string("no letters give what is asked in ") + (kernel.softmode ? "soft" : "hard") +
                 " mode without changing more; declare the kernel";
        }
      }
    }
    return {};
  }

  const Stores& before_;
  Relaxations asked_;
  const RelaxationPolicy& policy_;
  std::optional<Marking> own_;
  std::vector<Effective> base_;  // by kernel
  bool broken_ = false;
  FilePlan plan_;
};

}  // namespace

std::vector<Kernel> kernels_for(const KernelKnowledge& knowledge, elf::Abi abi) {
  std::vector<Kernel> kernels;
  const Kernel known = knowledge.kernel.value_or(Kernel{});
  for (const bool softmode : {false, true}) {
    kernels.push_back(known);
    kernels.back().softmode = softmode;
    if (knowledge.kernel || abi.machine != EM_386) continue;
    kernels.push_back(kernels.back());
    kernels.back().segmexec = true;
  }
  return kernels;
}

FilePlan plan_relaxation(const Stores& before, Relaxations asked, const RelaxationPolicy& policy) {
  return Planner(before, asked, policy).plan();
}

}  // namespace revdep::migrate
