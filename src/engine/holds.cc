#include "engine/holds.h"

#include <utility>

#include "migrate/identity.h"

namespace revdep::engine {

Holds::Holds(const base::Tree& tree, const std::vector<migrate::Hold>& holds) : tree_(tree) {
  for (const migrate::Hold& hold : holds) by_path_[hold.file.path].unchecked.push_back(hold);
}

pax::Relaxations Holds::of(std::string_view path) {
  const auto found = by_path_.find(path);
  if (found == by_path_.end()) return {};
  Entry& entry = found->second;
  if (const auto unchecked = std::exchange(entry.unchecked, {}); !unchecked.empty()) {
    const auto identity = migrate::read_identity(tree_, path);
    for (const migrate::Hold& hold : unchecked) {
      if (!identity || *identity != hold.file) continue;
      for (const pax::Letter letter : hold.letters) entry.letters.ask(letter);
    }
  }
  return entry.letters;
}

}  // namespace revdep::engine
