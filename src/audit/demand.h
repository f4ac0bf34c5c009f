// What is asked of an executable and not granted to it: what a mark could grant, and what its own marking denies. Pure;
// finds no askers.
#pragma once

#include <string>
#include <vector>

#include "audit/subject.h"
#include "pax/kernel.h"
#include "pax/marking.h"
#include "pax/relax.h"

namespace revdep::audit {

/// Those of which the kernel has the feature.
pax::Relaxations supported(const pax::Kernel& kernel, pax::Relaxations letters);

/// Whether the file's own marking says the opposite of the relaxation, and someone meant it.
[[nodiscard]] bool is_denied(const pax::Stores& stores, pax::Letter letter, bool filler_e);

struct Gaps {
  pax::Relaxations unmet;   ///< the verdict does not grant them
  pax::Relaxations denied;  ///< nor these, which the file's own marking denies
};

/// Empty for a file that the kernel refuses.
Gaps compute_gaps(const pax::Kernel& kernel, const pax::Stores& stores, pax::Relaxations asked, bool filler_e);
Gaps compute_gaps(const Context& context, const Subject& subject);

/// Who asks for letters.
struct Voice {
  std::string who;         ///< "/usr/lib64/libjit.so.1"
  std::string origin;      ///< "/usr/lib64/libjit.so.1 [dev-libs/jit-1]"
  pax::Relaxations asked;  ///< of the letters in question
  std::vector<Chain> chains;
};

/// The subject's askers of `letters`; those that no library asks for are the configuration's.
std::vector<Voice> voices(const Subject& subject, pax::Relaxations letters);

}  // namespace revdep::audit
