// The requirements policy for one file: from its stores and what is asked of it to what its stores have to be. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "elf/abi.h"
#include "migrate/letters.h"
#include "pax/kernel.h"
#include "pax/marking.h"
#include "pax/relax.h"

namespace revdep::migrate {

/// What is known of the kernel that will run the files.
struct KernelKnowledge {
  std::optional<pax::Kernel> kernel;  ///< nullopt: unknown
};

/// The kernels for which an edit has to be right: both modes of the known one; else of one that reads both stores, and on
/// i386 with SEGMEXEC and without.
std::vector<pax::Kernel> kernels_for(const KernelKnowledge& knowledge, elf::Abi abi);

struct RelaxationPolicy {
  std::vector<pax::Kernel> kernels;  ///< of kernels_for(): never empty
  bool kernel_known = false;
  Creates creates = Creates::xattr;
  bool force = false;       ///< what is asked wins over an admin's word
  bool own_filler = false;  ///< an `e` on the file is no one's word
};

enum class Judgement : unsigned char {
  right,    ///< the verdict grants what is asked already
  edit,     ///< the stores become `after`
  refused,  ///< asked, but not done: `reason`
};

struct FilePlan {
  Judgement judgement = Judgement::right;
  pax::Stores after;
  pax::Marking letters;                   ///< in `after`
  std::vector<pax::Letter> contradicted;  ///< asked, but the file says otherwise: not set
  bool mends = false;                     ///< a kernel refuses the file as it is
  bool replaces_void = false;             ///< a store that is there is malformed
  std::string reason;
};

/// The letters that grant `asked`, and no more than these: in each of the kernels the verdict becomes relax(verdict, asked).
FilePlan plan_relaxation(const pax::Stores& before, pax::Relaxations asked, const RelaxationPolicy& policy);

}  // namespace revdep::migrate
