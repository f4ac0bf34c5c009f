#include "watch/snapshot.h"

#include <optional>

namespace revdep::watch {
namespace {

void add_as_before(const std::string& category, const Snapshot& before, Snapshot& snapshot) {
  if (const auto known = before.find(category); known != before.end()) snapshot.insert(*known);
}

void add_category(const vdb::Database& database, const std::string& category, const Snapshot& before,
                  std::vector<base::Error>& problems, Snapshot& snapshot) {
  const std::size_t problems_before = problems.size();
  Stamps stamps;
  for (const std::string& pf : database.list_category(category, problems)) {
    if (const std::optional<std::int64_t> stamp = database.mtime_ns({category, pf})) stamps.emplace(pf, *stamp);
  }
  if (problems.size() > problems_before) return add_as_before(category, before, snapshot);
  if (!stamps.empty()) snapshot.emplace(category, std::move(stamps));
}

// The packages of `one` that `other` lacks.
void add_missing(const Snapshot& one, const Snapshot& other, PackageChange change, PackageChanges& changes) {
  for (const auto& [category, stamps] : one) {
    const auto theirs = other.find(category);
    for (const auto& [pf, stamp] : stamps) {
      if (theirs == other.end() || !theirs->second.contains(pf))
        changes.emplace(vdb::PackageName{category, pf}, change);
    }
  }
}

}  // namespace

Snapshot read_snapshot(const vdb::Database& database, const Snapshot& before, std::vector<base::Error>& problems) {
  const std::size_t problems_before = problems.size();
  Snapshot snapshot;
  const std::vector<std::string> categories = database.list_categories(problems);
  const bool all_listed = problems.size() == problems_before;
  for (const std::string& category : categories) add_category(database, category, before, problems, snapshot);
  if (!all_listed) snapshot.insert(before.begin(), before.end());
  return snapshot;
}

Snapshot read_snapshot(const vdb::Database& database, const std::set<std::string>& categories, const Snapshot& before,
                       std::vector<base::Error>& problems) {
  Snapshot snapshot;
  for (const std::string& category : categories) add_category(database, category, before, problems, snapshot);
  return snapshot;
}

PackageChanges diff(const Snapshot& before, const Snapshot& after, const std::set<vdb::PackageName>& touched) {
  PackageChanges changes;
  add_missing(before, after, PackageChange::removed, changes);
  add_missing(after, before, PackageChange::added, changes);
  for (const auto& [category, stamps] : after) {
    const auto old = before.find(category);
    if (old == before.end()) continue;
    for (const auto& [pf, stamp] : stamps) {
      const auto old_stamp = old->second.find(pf);
      if (old_stamp == old->second.end()) continue;
      vdb::PackageName name{category, pf};
      if (old_stamp->second == stamp && !touched.contains(name)) continue;
      changes.emplace(std::move(name), PackageChange::replaced);
    }
  }
  return changes;
}

}  // namespace revdep::watch
