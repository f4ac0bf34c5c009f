// What an object needs by its ELF facts and by the list of known objects, whatever it carries. Pure.
#pragma once

#include <string>
#include <vector>

#include "audit/subject.h"
#include "pax/relax.h"

namespace revdep::audit {

struct Need {
  pax::Relaxations letters;  ///< of features that the kernel has
  std::string evidence;      ///< one clause
};

std::vector<Need> compute_needs(const Context& context, const Subject& subject);

}  // namespace revdep::audit
