#include "audit/needs.h"

#include <elf.h>

#include <utility>

#include "audit/demand.h"
#include "audit/wording.h"
#include "base/escape.h"

namespace revdep::audit {
namespace {

using elf::ExecutableStack;
using pax::Letter;
using pax::Relaxations;

Relaxations only(Letter letter) {
  Relaxations letters;
  letters.ask(letter);
  return letters;
}

// Where the loader takes an object without PT_GNU_STACK for one that wants an executable stack.
bool is_executable_by_default(elf::Abi abi) { return abi.machine == EM_386 || abi.machine == EM_X86_64; }

Need need_of_stack(const Context& context, const Subject& subject) {
  const ExecutableStack stack = subject.hazards.stack;
  if (subject.library && stack == ExecutableStack::unstated && is_executable_by_default(subject.abi)) {
    return {only(Letter::M), "it has no PT_GNU_STACK, so the loader makes the stack executable"};
  }
  if (stack != ExecutableStack::yes) return {};
  if (subject.library) return {only(Letter::M), "the loader has to make the stack executable for it"};
  if (!subject.executable) return {};
  return {only(context.kernel.emutramp ? Letter::E : Letter::M), "its stack is to be executable, for trampolines"};
}

}  // namespace

std::vector<Need> compute_needs(const Context& context, const Subject& subject) {
  std::vector<Need> candidates;
  if (subject.hazards.text_relocations) candidates.push_back({only(Letter::M), "it has text relocations"});
  if (subject.hazards.writable_executable_segment) {
    candidates.push_back({only(Letter::M), "one of its segments is writable and executable"});
  }
  candidates.push_back(need_of_stack(context, subject));
  if (subject.known != nullptr) {
    candidates.push_back({context.kernel.emutramp ? subject.known->flags : subject.known->without_emutramp,
                          base::escape(subject.known->evidence) + " (" + base::escape(subject.known->date) + ")"});
  }
  std::vector<Need> needs;
  for (Need& candidate : candidates) {
    candidate.letters = supported(context.kernel, candidate.letters);
    if (!candidate.letters.empty()) needs.push_back(std::move(candidate));
  }
  return needs;
}

}  // namespace revdep::audit
