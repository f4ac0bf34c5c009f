#include "revdep-paxd/watcher.h"

#include <algorithm>
#include <span>
#include <tuple>
#include <utility>

namespace revdep::daemon {
namespace {

// It counts as nothing lost, so that what changed is all there is to take up.
constexpr std::string_view look_reason = "not everything can be watched";

bool is_before(const timespec& one, const timespec& other) {
  return std::tie(one.tv_sec, one.tv_nsec) < std::tie(other.tv_sec, other.tv_nsec);
}

std::vector<std::string> with_system_files(std::vector<std::string> paths) {
  const std::vector<std::string>& system = SystemFiles::paths();
  paths.insert(paths.end(), system.begin(), system.end());
  std::ranges::sort(paths);
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  return paths;
}

}  // namespace

base::Result<std::unique_ptr<Watcher>> Watcher::create(base::Tree& tree, Wanted wanted) {
  auto inotify = watch::Inotify::create();
  if (!inotify) return inotify.error();
  return std::unique_ptr<Watcher>(new Watcher(tree, std::move(*inotify), std::move(wanted)));
}

Watcher::Watcher(base::Tree& tree, std::unique_ptr<watch::Inotify> inotify, Wanted wanted)
    : tree_(tree),
      wanted_(std::move(wanted)),
      inotify_(std::move(inotify)),
      database_(*inotify_, wanted_.database),
      files_(*inotify_, tree.prefix()),
      watched_(with_system_files({wanted_.named.begin(), wanted_.named.end()})),
      problems_(files_.set(watched_)) {
  system_files_.look(tree_);
  system_files_.take();
}

base::Result<bool> Watcher::read() {
  const auto events = inotify_->read();
  if (!events) return events.error();
  if (events->empty()) return false;
  const bool packages = database_.handle(*events);
  return note(files_.handle(*events)) || packages;
}

bool Watcher::look() {
  const bool packages = database_.polling();
  if (packages) database_.rescan(look_reason);
  return note(files_.recheck()) || packages;
}

bool Watcher::note(watch::FileEvents events) {
  problems_.insert(problems_.end(), events.errors.begin(), events.errors.end());
  if (events.paths.empty()) return false;
  tree_.forget();
  bool noted = false;
  bool system = false;
  for (const std::string& path : events.paths) {
    if (SystemFiles::is_one(path)) {
      system = true;
    } else {
      noted |= note(path);
    }
  }
  return (system && system_files_.look(tree_)) || noted;
}

bool Watcher::note(const std::string& path) {
  // A directory as a whole: who may write there decides on all that lies in it.
  if (path.ends_with('/')) {
    all_touched_ = true;
    return true;
  }
  std::string canonical = tree_.resolve(path).path;
  if (!wanted_.named.contains(path) && !wanted_.concerns(canonical)) return false;
  touched_.insert(std::move(canonical));
  return true;
}

bool Watcher::note_if_new(const std::string& path, const timespec& since) {
  const auto status = tree_.status(tree_.resolve(path).path);
  return status && !is_before(status->st_ctim, since) && note(path);
}

bool Watcher::follow(std::vector<std::string> paths, const timespec& since) {
  paths = with_system_files(std::move(paths));
  if (paths == watched_) return false;
  std::vector<std::string> added;
  std::ranges::set_difference(paths, watched_, std::back_inserter(added));
  watched_ = std::move(paths);
  std::vector<base::Error> errors = files_.set(watched_);
  problems_.insert(problems_.end(), errors.begin(), errors.end());
  tree_.forget();
  bool noted = false;
  for (const std::string& path : added) {
    if (SystemFiles::is_one(path)) continue;
    if (!path.ends_with('/')) {
      noted |= note_if_new(path, since);
    } else if (const auto names = tree_.list(path.size() == 1 ? path : path.substr(0, path.size() - 1))) {
      for (const std::string& name : *names) noted |= note_if_new(path + name, since);
    }
  }
  return noted;
}

Watcher::News Watcher::take() {
  News news;
  watch::DatabaseChanges changes = database_.take();
  news.problems = std::exchange(problems_, {});
  news.problems.insert(news.problems.end(), changes.errors.begin(), changes.errors.end());
  news.present = changes.present;
  if (!news.present) return news;
  news.rescan = changes.rescan == look_reason ? std::string_view() : changes.rescan;
  engine::Occasion& occasion = news.occasion;
  for (const auto& [package, change] : changes.packages) occasion.packages.push_back(package);
  for (const std::string& path : std::exchange(touched_, {})) occasion.files.push_back(path);
  for (std::string& path : system_files_.take()) occasion.files.push_back(std::move(path));
  occasion.everything = std::exchange(all_touched_, false) || !news.rescan.empty();
  return news;
}

}  // namespace revdep::daemon
