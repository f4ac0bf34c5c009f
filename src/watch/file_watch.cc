#include "watch/file_watch.h"

#include <sys/inotify.h>

#include <utility>

namespace revdep::watch {
namespace {

// A writer through a shared mapping raises nothing but IN_CLOSE_WRITE.
constexpr std::uint32_t file_mask = entry_events | IN_ATTRIB | IN_CLOSE_WRITE;

}  // namespace

std::vector<base::Error> FileWatch::set(const std::vector<std::string>& paths) {
  Ways before = std::exchange(ways_, {});
  for (const std::string& path : paths) {
    Ways::node_type known = before.extract(path);
    if (!known.empty()) {
      ways_.insert(std::move(known));
    } else if (const auto [added, is_new] = ways_.try_emplace(path); is_new) {
      follow_again(added->first, added->second);
    }
  }
  for (const auto& [path, way] : before) forget(path, way);
  return finish({}, {}).errors;
}

FileEvents FileWatch::handle(std::span<const RawEvent> events) {
  std::set<std::string> touched;
  std::set<std::string> moved;
  for (const RawEvent& event : events) {
    if ((event.mask & IN_Q_OVERFLOW) != 0) {
      for (const auto& [path, way] : ways_) moved.insert(path);
      touched = moved;
    } else {
      note(event, touched, moved);
    }
  }
  return finish(touched, moved);
}

FileEvents FileWatch::recheck() {
  const std::set<std::string> blind = blind_;
  return finish(blind, blind);
}

// `moved`: the paths that may lead elsewhere now.
void FileWatch::note(const RawEvent& event, std::set<std::string>& touched, std::set<std::string>& moved) const {
  if ((event.mask & IN_IGNORED) != 0) {
    for (auto step = index_.lower_bound({event.watch, "", nullptr}); step != index_.end(); ++step) {
      const auto& [watch, name, path] = step->first;
      if (watch != event.watch) break;
      touched.insert(*path);
      moved.insert(*path);
    }
    return;
  }
  const auto for_steps = [&](const std::string& wanted, auto use) {
    for (auto step = index_.lower_bound({event.watch, wanted, nullptr}); step != index_.end(); ++step) {
      const auto& [watch, name, path] = step->first;
      if (watch != event.watch || name != wanted) break;
      if ((step->second & event.mask) != 0) use(*path);
    }
  };
  for_steps(event.name, [&](const std::string& path) {
    touched.insert(path);
    if ((event.mask & entry_events) != 0) moved.insert(path);
  });
  if (event.name.empty()) return;
  for_steps("", [&](const std::string& directory) { touched.insert(directory + event.name); });
}

FileEvents FileWatch::finish(const std::set<std::string>& touched, const std::set<std::string>& moved) {
  for (const std::string& path : moved) {
    const auto way = ways_.find(path);
    follow_again(way->first, way->second);
  }
  if (blind_.empty()) told_.clear();
  return {{touched.begin(), touched.end()}, std::exchange(errors_, {})};
}

// `path`: the key of `way`.
void FileWatch::follow_again(const std::string& path, Way& way) {
  Way now = follow(inotify_, root_, path, file_mask);
  forget(path, way);
  for (const Step& step : now.steps) index_[{step.watch.id(), step.name, &path}] |= step.mask;
  if (now.error) {
    blind_.insert(path);
    if (told_.insert(now.error->reason).second) errors_.push_back(*now.error);
  }
  way = std::move(now);
}

void FileWatch::forget(const std::string& path, const Way& way) {
  for (const Step& step : way.steps) index_.erase({step.watch.id(), step.name, &path});
  blind_.erase(path);
}

}  // namespace revdep::watch
