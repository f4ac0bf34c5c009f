#include <algorithm>
#include <utility>

#include "engine/records.h"

namespace revdep::engine {

Inventory read_filesystem_inventory(base::Tree& tree, const std::vector<std::string>& directories,
                                    const std::vector<std::string>& trees, const OnRecord& found) {
  Inventory inventory;
  std::vector<std::pair<std::string, bool>> queue;  // canonical directory, with everything below it
  std::vector<std::string> seen;
  const auto enqueue = [&](std::string_view directory, bool below) {
    const std::string* const canonical = tree.resolve_directory(directory);
    if (canonical == nullptr) {
      if (below) inventory.problems.push_back({"search", tree.prefix() + std::string(directory), "no such directory"});
      return;
    }
    queue.emplace_back(*canonical, below);
  };
  for (const std::string& directory : trees) enqueue(directory, true);
  for (const std::string& directory : directories) enqueue(directory, false);

  for (std::size_t next = 0; next < queue.size(); ++next) {
    const auto [directory, below] = queue[next];
    if (std::find(seen.begin(), seen.end(), directory) != seen.end()) continue;
    seen.push_back(directory);
    const auto names = tree.list(directory);
    if (!names) {
      inventory.problems.push_back(names.error());
      continue;
    }
    for (const std::string& name : *names) {
      const base::FileKind kind = tree.entry(directory, name).kind;
      if (kind == base::FileKind::directory && below) queue.emplace_back(base::join_path(directory, name), true);
      if (kind != base::FileKind::regular || !may_be_object(name)) continue;
      Record& record = inventory.records.emplace_back();
      record.path = base::join_path(directory, name);
      record.facts_needed = true;
      found(record);
    }
  }
  std::sort(inventory.records.begin(), inventory.records.end(),
            [](const Record& a, const Record& b) { return a.path < b.path; });
  return inventory;
}

}  // namespace revdep::engine
