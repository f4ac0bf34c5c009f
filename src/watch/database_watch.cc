#include "watch/database_watch.h"

#include <sys/inotify.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "base/tree.h"

namespace revdep::watch {
namespace {

constexpr std::uint32_t root_mask = entry_events | IN_DELETE_SELF | IN_MOVE_SELF;
constexpr std::uint32_t category_mask = root_mask | IN_ATTRIB | IN_ONLYDIR | IN_DONT_FOLLOW;

// The categories in which something is to be compared.
std::set<std::string> affected(const Changes& changes) {
  std::set<std::string> categories = changes.compare;
  categories.insert(changes.categories.begin(), changes.categories.end());
  for (const vdb::PackageName& package : changes.packages) categories.insert(package.category);
  return categories;
}

}  // namespace

DatabaseWatch::DatabaseWatch(Inotify& inotify, std::string path) : inotify_(inotify), path_(std::move(path)) {
  rescan("the package database is there now");
  DatabaseChanges unused;
  compare(unused);
}

bool DatabaseWatch::handle(std::span<const RawEvent> events) {
  bool noted = false;
  Changes changes;
  for (const RawEvent& event : events) noted |= note_event(watches_, event, changes);
  if (!changes.rescan.empty()) {
    attach();
  } else {
    for (const std::string& category : changes.categories) {
      if (auto error = watch_category(category)) become_blind(*std::move(error));
    }
  }
  pending_.add(std::move(changes));
  return noted;
}

void DatabaseWatch::rescan(std::string_view why) {
  attach();
  Changes all;
  all.rescan = why;
  pending_.add(std::move(all));
}

DatabaseChanges DatabaseWatch::take() {
  DatabaseChanges result;
  result.present = compare(result);
  result.errors = std::exchange(errors_, {});
  return result;
}

// Everything is watched before it is listed, here or by compare(), so that nothing comes in between unseen.
void DatabaseWatch::attach() {
  // What stays the same keeps its watch, as that ends with its last share.
  const Way way_before = std::exchange(way_, follow(inotify_, "", path_ + '/', root_mask));
  const std::map<std::string, Watch> categories_before = std::exchange(categories_, {});
  watches_ = {};
  for (const Step& step : way_.steps) {
    if (step.name.empty()) {
      watches_.root = step.watch.id();
    } else {
      watches_.above.emplace(step.watch.id(), step.name);
    }
  }
  std::optional<base::Error> trouble = way_.error;
  std::vector<base::Error> unused;  // compare() will meet them and tell
  if (const auto database = vdb::Database::open(path_)) {
    for (const std::string& category : database->list_categories(unused)) {
      std::optional<base::Error> error = watch_category(category);
      if (!trouble) trouble = std::move(error);
    }
  }
  if (trouble) {
    become_blind(*std::move(trouble));
  } else {
    blind_ = false;
  }
}

std::optional<base::Error> DatabaseWatch::watch_category(const std::string& category) {
  base::Result<std::optional<Watch>> watch = inotify_.add(base::join_path(path_, category), category_mask);
  if (const auto old = categories_.find(category); old != categories_.end()) {
    watches_.categories.erase(old->second.id());
    categories_.erase(old);
  }
  if (!watch) return watch.error();
  if (!*watch) return std::nullopt;
  watches_.categories.emplace((*watch)->id(), category);
  categories_.emplace(category, **std::move(watch));
  return std::nullopt;
}

void DatabaseWatch::become_blind(base::Error error) {
  if (!std::exchange(blind_, true)) errors_.push_back(std::move(error));
}

// False: there is no database, and what is pending stays so.
bool DatabaseWatch::compare(DatabaseChanges& result) {
  struct stat root {};
  if (::stat(path_.c_str(), &root) != 0 && (errno == ENOENT || errno == ENOTDIR)) return false;
  const auto database = vdb::Database::open(path_);
  if (!database) {
    unread_ = true;
    tell_problems({database.error()});
    return false;
  }

  std::vector<base::Error> problems;
  const std::pair<dev_t, ino_t> root_now{root.st_dev, root.st_ino};
  if (pending_.rescan.empty()) {
    const std::set<std::string> categories = affected(pending_);
    Snapshot after = read_snapshot(*database, categories, seen_, problems);
    Snapshot before;
    for (const std::string& category : categories) before.insert(seen_.extract(category));
    result.packages = diff(before, after, pending_.packages);
    seen_.merge(after);
    unread_ |= !problems.empty();
  } else {
    Snapshot after = read_snapshot(*database, seen_, problems);
    // Rather the mount point of a filesystem that went than that every package was removed at once.
    if (after.empty() && !seen_.empty() && root_now != seen_root_) return false;
    result.packages = diff(seen_, after, pending_.packages);
    seen_ = std::move(after);
    unread_ = !problems.empty();
    std::erase_if(told_, [&](const base::Error& told) { return std::ranges::find(problems, told) == problems.end(); });
  }
  tell_problems(problems);
  result.rescan = pending_.rescan;
  seen_root_ = root_now;
  pending_ = {};
  return true;
}

void DatabaseWatch::tell_problems(const std::vector<base::Error>& problems) {
  for (const base::Error& problem : problems) {
    if (told_.insert(problem).second) errors_.push_back(problem);
  }
}

}  // namespace revdep::watch
