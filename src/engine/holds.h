// The letters that an undo took back and that are not to be set again, by file. Reads what tells a file; writes nothing.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/tree.h"
#include "migrate/journal.h"
#include "pax/relax.h"

namespace revdep::engine {

class Holds {
 public:
  /// `tree` outlives it.
  Holds(const base::Tree& tree, const std::vector<migrate::Hold>& holds);

  /// Held back on the file at a canonical path, by any of its holds. A hold on another file that was once there is none.
  pax::Relaxations of(std::string_view path);

 private:
  struct Entry {
    std::vector<migrate::Hold> unchecked;
    pax::Relaxations letters;
  };
  const base::Tree& tree_;
  std::map<std::string, Entry, std::less<>> by_path_;
};

}  // namespace revdep::engine
