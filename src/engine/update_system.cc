// The recipe from a loaded system and the packages that changed to the system as a fresh load would give it.
#include <algorithm>
#include <numeric>
#include <utility>

#include "engine/system.h"

namespace revdep::engine {

using base::ObjectId;
using base::PackageId;

// False: what all closures rest on is another one.
bool System::reconfigure() {
  const loader::Configuration before = std::exchange(configuration_, {});
  configure();
  return before.preload == configuration_.preload && before.conf_directories == configuration_.conf_directories;
}

std::set<PackageId> System::find_packages(const std::vector<vdb::PackageName>& changed) {
  std::set<PackageId> ids;
  for (const vdb::PackageName& name : changed) {
    const auto found = std::ranges::find(packages_, name);
    ids.insert(PackageId{static_cast<std::uint32_t>(found - packages_.begin())});
    if (found == packages_.end()) packages_.push_back(name);
  }
  return ids;
}

// What the database says of these need not be so any more, whether it changed or not: files that are others now, files that
// were not there, and what only their files themselves set right.
void System::add_suspects(std::set<PackageId>& packages) {
  packages.insert(incomplete_.begin(), incomplete_.end());
  for (const ObjectId id : graph_.objects()) {
    const PackageId package = graph_.object(id).package;
    const Known& here = known(id);
    if (!package.valid() || !here.listed) continue;
    const auto [directory, name] = base::split_path(path(id));
    const base::DirectoryEntry entry = tree_.entry(directory, name);
    const bool is_same = entry.kind == base::FileKind::regular && entry.inode == here.inode;
    if (here.corrected || !is_same) packages.insert(package);
  }
}

// What one of them lists, others may list too.
void System::add_sharers(std::set<PackageId>& packages) const {
  for (std::size_t before = 0; before != packages.size();) {
    before = packages.size();
    for (const auto& [path, sharing] : shared_) {
      const bool is_shared = std::ranges::any_of(sharing, [&](PackageId id) { return packages.contains(id); });
      if (!is_shared) continue;
      for (const PackageId id : sharing) {
        if (id.valid()) packages.insert(id);
      }
    }
  }
}

// Their records, and those of all who have to be looked at with them.
Inventory System::read_packages(std::set<PackageId>& wanted) {
  while (true) {
    add_sharers(wanted);
    std::vector<PackageId> in_order(wanted.begin(), wanted.end());
    std::ranges::sort(in_order, {}, [this](PackageId id) -> const vdb::PackageName& { return packages_[id.index()]; });
    Inventory inventory = read_vdb_packages(tree_, *database_, std::move(packages_), in_order);
    packages_ = std::move(inventory.packages);
    const std::size_t before = wanted.size();
    const auto add_owner = [&](const std::string& path) {
      const ObjectId id = graph_.find(path);
      if (id.valid() && graph_.object(id).package.valid()) wanted.insert(graph_.object(id).package);
    };
    for (const Record& record : inventory.records) add_owner(record.path);
    if (const auto preserved = list_preserved(inventory); preserved != preserved_) {
      for (const auto& [path, package] : preserved) add_owner(path);
      for (const auto& [path, package] : preserved_) add_owner(path);
    }
    if (wanted.size() == before) return inventory;
  }
}

std::set<std::string> System::find_paths(const std::set<PackageId>& packages) const {
  std::set<std::string> paths;
  for (const ObjectId id : graph_.objects()) {
    const PackageId package = graph_.object(id).package;
    const bool is_listed = id.index() < known_.size() && known_[id.index()].listed;
    if (!is_listed || !package.valid() || packages.contains(package)) paths.emplace(path(id));
  }
  return paths;
}

// Which loader the programs name, and what it looks for, would have to be found out again.
bool System::touches_loader(const std::set<PackageId>& packages, const std::vector<Record>& records) {
  for (const Record& record : records) {
    if (packages.contains(record.package) && is_loader_name(record.soname)) return true;
  }
  return std::ranges::any_of(linkers_, [&](const auto& entry) {
    const ObjectId id = graph_.find(entry.first.second);
    return id.valid() && packages.contains(graph_.object(id).package);
  });
}

void System::remove(ObjectId object) {
  graph_.remove(object);
  known(object) = {};
  disagreements_.erase(object);
  dlopen_notes_.erase(object);
}

std::optional<std::vector<ObjectId>> System::update(const std::vector<vdb::PackageName>& changed) {
  if (!database_) return std::nullopt;
  problems_.clear();
  tree_.forget();
  inodes_.clear();
  rejected_.clear();
  if (!reconfigure()) return std::nullopt;
  const std::set<PackageId> packages = find_packages(changed);
  std::set<PackageId> wanted = packages;
  add_suspects(wanted);
  Inventory inventory = read_packages(wanted);
  if (touches_loader(packages, inventory.records)) return std::nullopt;
  for (const auto& [key, linker] : linkers_) linker->forget();
  usual_.clear();
  last_usual_ = nullptr;
  by_interpreter_.clear();

  std::set<std::string> affected = find_paths(wanted);
  auto preserved = list_preserved(inventory);
  std::vector<Record> records = std::move(inventory.records);
  for (const Record& record : records) affected.insert(record.path);
  for (const Record& record : inventory.preserved) {
    if (preserved != preserved_ || affected.contains(record.path)) records.push_back(record);
  }
  preserved_ = std::move(preserved);
  for (const PackageId package : wanted) incomplete_.erase(package);
  incomplete_.merge(inventory.incomplete);
  std::erase_if(shared_, [&](const auto& entry) { return affected.contains(entry.first); });
  merge_records(records, shared_);
  problems_.insert(problems_.end(), inventory.problems.begin(), inventory.problems.end());

  std::set<ObjectId> touched;
  for (const std::string& path : affected) {
    const ObjectId id = graph_.find(path);
    if (!id.valid()) continue;
    touched.insert(id);
    remove(id);
  }
  add_all(records);
  for (const Record& record : records) {
    if (const ObjectId id = graph_.find(record.path); id.valid()) touched.insert(id);
  }
  for (const auto& [object, notes] : dlopen_notes_) unsettled_.insert(object);
  for (const auto& [object, plugins] : std::exchange(ruled_plugins_, {})) {
    if (graph_.object(object).present) unsettled_.insert(object);
  }
  std::vector<base::NameId> all(names().size());
  for (std::uint32_t index = 0; index < all.size(); ++index) all[index] = base::NameId{index};
  graph_.resolve(*this, all);
  if (options_.facts == FactsFrom::vdb) reread_unresolved();
  apply_load_rules(options_.rules);
  return std::vector(touched.begin(), touched.end());
}

}  // namespace revdep::engine
