// Every pair of stores under every request, in hard and in soft mode: an edit changes what is asked and nothing else, keeps
// the stores in step, overrides no one, and is not repeated. The verdict and relax() are proved elsewhere.
#include <elf.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "migrate/relaxation.h"
#include "pax/verdict.h"

namespace revdep::migrate {
namespace {

using pax::Effective;
using pax::Letter;
using pax::Marking;
using pax::Relaxations;
using pax::Setting;
using pax::Stores;

// Each marking over the first `count` letters of P E M R S.
std::vector<Marking> all_markings(unsigned count) {
  std::vector<Marking> all = {Marking{}};
  for (unsigned index = 0; index < count; ++index) {
    const std::size_t known = all.size();
    for (const Setting setting : {Setting::off, Setting::on}) {
      for (std::size_t at = 0; at < known; ++at) {
        all.push_back(all[at]);
        all.back().set(pax::letters[index], setting);
      }
    }
  }
  return all;
}

std::vector<std::optional<std::string>> all_xattrs(unsigned letters) {
  std::vector<std::optional<std::string>> all = {std::nullopt, "mm"};  // absent, void
  for (const Marking marking : all_markings(letters)) all.emplace_back(pax::format_letters(marking));
  return all;
}

std::vector<std::optional<std::uint32_t>> all_headers(unsigned letters) {
  constexpr std::uint32_t both_of_m = 0x300, norandexec = 0x800;
  std::vector<std::optional<std::uint32_t>> all = {std::nullopt, both_of_m};
  for (const Marking marking : all_markings(letters)) all.emplace_back(pax::format_header(marking, norandexec));
  return all;
}

bool contains(const std::vector<Letter>& letters, Letter letter) {
  return std::find(letters.begin(), letters.end(), letter) != letters.end();
}

// Where someone insists on P, nothing comes along with an asked `p`.
Relaxations without_denied_p(Relaxations asked, const FilePlan& plan) {
  if (!contains(plan.contradicted, Letter::P)) return asked;
  Relaxations others;
  for (const Letter letter : pax::letters) {
    if (letter != Letter::P && asked.asks(letter)) others.ask(letter);
  }
  return others;
}

// What is wrong with the plan; "" when nothing is.
std::string check(const Stores& before, Relaxations asked, const RelaxationPolicy& policy) {
  const FilePlan plan = plan_relaxation(before, asked, policy);
  const std::optional<Marking> own = pax::own_marking(before);
  if (plan.judgement == Judgement::refused) {
    if (plan.reason.empty()) return "refused without a reason";
    // Nothing contradicts an unmarked file; only the two kinds of i386 kernels can.
    const bool unmarked = !own && policy.kernels.size() == 2;
    return unmarked ? "refuses an unmarked file" : "";
  }
  const Stores& after = plan.judgement == Judgement::edit ? plan.after : before;
  for (const pax::Kernel& kernel : policy.kernels) {
    const pax::Verdict was = pax::judge(before, kernel);
    const pax::Verdict is = pax::judge(after, kernel);
    if (plan.judgement == Judgement::right) {
      if (asked.empty()) continue;
      if (!was.refused && pax::relax(was.configured, asked) != was.configured) return "right, but not granted";
      continue;
    }
    if (is.refused) return "refused afterwards: " + is.reason;
    if (was.refused) continue;
    const Effective wanted = pax::relax(was.configured, without_denied_p(asked, plan));
    for (const Letter letter : pax::letters) {
      const Effective& expected = contains(plan.contradicted, letter) ? was.configured : wanted;
      if (is.configured.on(letter) != expected.on(letter)) return "another set than asked";
    }
  }
  if (plan.judgement == Judgement::right) return "";

  if (after.header.has_value() != before.header.has_value()) return "a header came or went";
  if (after.header && (*after.header & 0x800U) != (*before.header & 0x800U)) return "a bit without meaning changed";
  if (after.xattr && after.header && pax::parse_letters(*after.xattr) != pax::parse_header(*after.header)) {
    return "the stores are out of step";
  }
  const Marking now = pax::own_marking(after).value_or(Marking{});
  for (const Letter letter : pax::letters) {
    const Setting said = own.value_or(Marking{}).get(letter);
    const bool toolchain = letter == Letter::E && is_toolchain_default(before);
    if (said != Setting::unset && now.get(letter) != said && !toolchain) return "overrides the file's own word";
    if (said == Setting::unset && now.get(letter) != Setting::unset && now.get(letter) != pax::relaxed(letter) &&
        letter != Letter::E) {
      return "tightens something";
    }
  }
  const FilePlan again = plan_relaxation(after, asked, policy);
  if (again.judgement == Judgement::edit) return "is not settled by one edit";
  return "";
}

struct Machine {
  const char* name;
  std::vector<pax::Kernel> kernels;
  unsigned letters;
};

class EveryRequest : public testing::TestWithParam<int> {
 protected:
  void check_all(const Machine& machine) {
    const auto bits = static_cast<unsigned>(GetParam());
    Relaxations asked;
    for (const Letter letter : pax::letters) {
      if ((bits >> static_cast<unsigned>(letter) & 1U) != 0) asked.ask(letter);
    }
    RelaxationPolicy policy;
    policy.kernels = machine.kernels;
    std::size_t wrong = 0;
    for (const auto& xattr : all_xattrs(machine.letters)) {
      for (const auto& header : all_headers(machine.letters)) {
        const Stores before{xattr, header, 0};
        const std::string complaint = check(before, asked, policy);
        if (complaint.empty() || ++wrong > 5) continue;
        ADD_FAILURE() << machine.name << ", xattr " << xattr.value_or("absent") << ", header "
                      << (header ? std::to_string(*header) : "absent") << ", asked "
                      << pax::format_letters(pax::as_marking(asked)) << ": " << complaint;
      }
    }
  }
};

TEST_P(EveryRequest, OnAmd64) {
  const elf::Abi amd64{EM_X86_64, elf::Class::elf64, elf::ByteOrder::little};
  check_all({"amd64", kernels_for({}, amd64), 4});
}

TEST_P(EveryRequest, OnI386WithSegmexec) {
  const elf::Abi i386{EM_386, elf::Class::elf32, elf::ByteOrder::little};
  check_all({"i386", kernels_for({pax::Kernel{.segmexec = true}}, i386), 5});
}

TEST_P(EveryRequest, OnI386WithTheKernelUnknown) {
  const elf::Abi i386{EM_386, elf::Class::elf32, elf::ByteOrder::little};
  check_all({"i386, unknown", kernels_for({}, i386), 4});
}

INSTANTIATE_TEST_SUITE_P(Letters, EveryRequest, testing::Range(0, 32));

}  // namespace
}  // namespace revdep::migrate
