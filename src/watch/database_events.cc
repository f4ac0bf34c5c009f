#include "watch/database_events.h"

#include <sys/inotify.h>

#include "watch/way.h"

namespace revdep::watch {
namespace {

bool says(const RawEvent& event, std::uint32_t mask) { return (event.mask & mask) != 0; }

// An entry that came or went and can be a category or a package.
bool moves_directory(const RawEvent& event) {
  return says(event, entry_events) && says(event, IN_ISDIR) && !event.name.empty() && vdb::is_database_name(event.name);
}

std::string_view end_of_root(const RawEvent& event) {
  if (says(event, IN_UNMOUNT)) return "the package database was unmounted";
  if (says(event, IN_MOVE_SELF)) return "the package database was moved";
  if (says(event, IN_DELETE_SELF | IN_IGNORED)) return "the package database was removed";
  return {};
}

bool demand_rescan(std::string_view why, Changes& changes) {
  if (changes.rescan.empty()) changes.rescan = why;
  return !why.empty();
}

bool note_above(const DatabaseWatches& watches, const RawEvent& event, Changes& changes) {
  const auto first = watches.above.lower_bound({event.watch, ""});
  if (first == watches.above.end() || first->first != event.watch) return false;
  const bool gone = says(event, IN_IGNORED);
  if (!gone && !(says(event, entry_events) && watches.above.contains({event.watch, event.name}))) return false;
  return demand_rescan("the package database's path leads elsewhere", changes);
}

bool note_category(const std::string& category, const RawEvent& event, Changes& changes) {
  if (says(event, IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)) {
    changes.categories.insert(category);
    return true;
  }
  if (moves_directory(event)) {
    changes.packages.insert({category, event.name});
    return true;
  }
  if (!says(event, IN_ATTRIB)) return false;
  changes.compare.insert(category);
  return true;
}

}  // namespace

void Changes::add(Changes&& other) {
  packages.merge(other.packages);
  compare.merge(other.compare);
  categories.merge(other.categories);
  demand_rescan(other.rescan, *this);
}

bool note_event(const DatabaseWatches& watches, const RawEvent& event, Changes& changes) {
  if (says(event, IN_Q_OVERFLOW)) {
    return demand_rescan("events were lost; the sysctl fs.inotify.max_queued_events says how many can wait", changes);
  }
  // One watch can be several things at once where the database's path crosses itself.
  bool noted = note_above(watches, event, changes);
  if (event.watch == watches.root) {
    noted |= demand_rescan(end_of_root(event), changes);
    if (moves_directory(event)) {
      changes.categories.insert(event.name);
      noted = true;
    }
  }
  if (const auto found = watches.categories.find(event.watch); found != watches.categories.end()) {
    noted |= note_category(found->second, event, changes);
  }
  return noted;
}

}  // namespace revdep::watch
