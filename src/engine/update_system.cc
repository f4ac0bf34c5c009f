// The recipe from a loaded system and the packages that changed to the system as a fresh load would give it.
#include <algorithm>
#include <utility>

#include "engine/system.h"

namespace revdep::engine {

using base::ObjectId;
using base::PackageId;

// What the loaders rest on. `every_name`: any name may mean another object now. False: all closures rest on something else.
bool System::reconfigure(bool& every_name) {
  const loader::Configuration before = std::exchange(configuration_, {});
  const std::string cache_before(cache_.bytes());
  configure();
  every_name = (before.cache == nullptr) != (configuration_.cache == nullptr) || cache_.bytes() != cache_before;
  return before.preload == configuration_.preload && before.conf_directories == configuration_.conf_directories;
}

// The names that may mean another object now, as entries changed.
std::vector<base::NameId> System::find_changed_names(const std::vector<std::string>& entries, bool every_name) {
  std::vector<base::NameId> changed;
  const auto add = [&](const std::string& path) {
    const auto [directory, name] = base::split_path(path);
    // Which loader a program names is to be looked at, too. In /etc are their settings.
    every_name = every_name || (directory != "/etc" && name.starts_with("ld"));
    if (const base::NameId id = names().find(name); id.valid()) changed.push_back(id);
    if (const auto led = led_through_.find(path); led != led_through_.end()) {
      changed.insert(changed.end(), led->second.begin(), led->second.end());
    }
  };
  for (const std::string& path : entries) {
    rejected_.erase(path);
    add(path);
  }
  std::erase_if(rejected_, [&](const auto& entry) {
    const auto& [path, rejected] = entry;
    if (rejected.stamp == stamp_of(path)) return false;
    add(path);
    return true;
  });
  if (!every_name) return changed;
  changed.resize(names().size());
  for (std::uint32_t index = 0; index < changed.size(); ++index) changed[index] = base::NameId{index};
  return changed;
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
void System::add_suspects(std::set<PackageId>& packages, const std::vector<std::string>& entries, bool names_changed) {
  packages.insert(incomplete_.begin(), incomplete_.end());
  const auto add_owner = [&](ObjectId id) {
    const PackageId package = graph_.object(id).package;
    if (package.valid() && known(id).listed) packages.insert(package);
  };
  for (const std::string& path : entries) {
    if (const ObjectId id = graph_.find(path); id.valid()) add_owner(id);
  }
  if (!names_changed) return;
  for (const ObjectId id : graph_.objects()) {
    if (known(id).corrected) add_owner(id);
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
  for (std::uint32_t index = 0; index < graph_.size(); ++index) {
    const graph::Object& object = graph_.object(ObjectId{index});
    const bool is_listed = index < known_.size() && known_[index].listed;
    const bool is_sought = !is_listed || !object.package.valid() || packages.contains(object.package);
    if (graph_.present(ObjectId{index}) && is_sought) paths.emplace(path(ObjectId{index}));
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

void System::forget_answers() {
  for (const auto& [key, linker] : linkers_) linker->forget();
  usual_.clear();
  last_usual_ = nullptr;
  by_interpreter_.clear();
}

// Whose plugins have to be looked for again.
void System::unsettle_plugins(const std::set<ObjectId>& touched, bool names_changed) {
  for (const auto& [object, notes] : dlopen_notes_) {
    const bool lost_one = std::ranges::any_of(
        graph_.plugins(object), [&](const graph::Plugin& plugin) { return touched.contains(plugin.object); });
    if (names_changed || lost_one) unsettled_.insert(object);
  }
  for (const auto& [object, plugins] : std::exchange(ruled_plugins_, {})) {
    if (graph_.present(object)) unsettled_.insert(object);
  }
}

std::optional<System::Update> System::update(const std::vector<vdb::PackageName>& changed, std::time_t now,
                                             base::EntryWatch* watch) {
  if (!database_) return std::nullopt;
  problems_.clear();
  const base::Tree::Changes changes = tree_.refresh(now, watch);
  bool every_name = false;
  if (!reconfigure(every_name)) return std::nullopt;
  const std::vector<base::NameId> names = find_changed_names(changes.entries, every_name || changes.directories);
  const std::set<PackageId> packages = find_packages(changed);
  std::set<PackageId> wanted = packages;
  add_suspects(wanted, changes.entries, !names.empty());
  Inventory inventory = read_packages(wanted);
  if (touches_loader(packages, inventory.records)) return std::nullopt;
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
  const std::uint64_t library_changes = graph_.library_changes();
  for (const std::string& path : affected) {
    const ObjectId id = graph_.find(path);
    if (!id.valid()) continue;
    touched.insert(id);
    remove(id);
  }
  const bool libraries_came = std::ranges::any_of(records, [](const Record& record) { return !record.soname.empty(); });
  if (!names.empty() || libraries_came || graph_.library_changes() != library_changes) forget_answers();
  std::erase_if(inodes_, [&](const auto& entry) {
    const ObjectId id = entry.second;
    return touched.contains(id) || std::ranges::binary_search(changes.entries, path(id));
  });
  add_all(records);
  for (const Record& record : records) {
    if (const ObjectId id = graph_.find(record.path); id.valid()) touched.insert(id);
  }
  unsettle_plugins(touched, !names.empty());
  graph_.resolve(*this, names);
  Update update{{touched.begin(), touched.end()}, names.empty() && graph_.library_changes() == library_changes};
  if (options_.facts == FactsFrom::vdb) reread_unresolved(update.alone ? update.touched : graph_.objects());
  apply_load_rules(options_.rules);
  return update;
}

}  // namespace revdep::engine
