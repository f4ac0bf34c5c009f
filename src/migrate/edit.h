// One change of one file's stores, as a value: what was there when it was decided, and what is to be there. Decides and
// writes nothing.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "pax/marking.h"

namespace revdep::migrate {

struct Edit {
  std::vector<std::string> names;  ///< canonical paths below the root, all that are known; the first is shown
  dev_t device = 0;
  ino_t inode = 0;
  pax::Stores before;  ///< as read when it was decided
  pax::Stores after;   ///< an absent xattr is removed; the header is there if and only if it was; ei_pax stays
  friend bool operator==(const Edit&, const Edit&) = default;
};

}  // namespace revdep::migrate
