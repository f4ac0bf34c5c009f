#include "watch/way.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <utility>

namespace revdep::watch {
namespace {

// As many as the kernel follows.
constexpr unsigned most_links = 40;

// Puts the components of `path` before those of `rest`, which is reversed: the next is the last.
void push_components(std::vector<std::string>& rest, std::string_view path) {
  const std::size_t before = rest.size();
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end > 0 && path.substr(0, end) != ".") rest.emplace_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  std::reverse(rest.begin() + static_cast<std::ptrdiff_t>(before), rest.end());
}

class Walk {
 public:
  Walk(Inotify& inotify, const std::string& root) : inotify_(inotify), root_(root) {}

  Way follow(std::string_view path, std::uint32_t mask) {
    const bool whole_directory = path.ends_with('/');
    push_components(rest_, path);
    bool present = true;
    while (present && !rest_.empty()) {
      std::string name = std::move(rest_.back());
      rest_.pop_back();
      if (name == "..") {
        here_.erase(std::min(here_.rfind('/'), here_.size()));
        continue;
      }
      const bool last = rest_.empty() && !whole_directory;
      present = watch(name, last ? entry_events | mask : entry_events) && enter(name);
    }
    if (present && whole_directory) present = watch("", mask);
    if (present) way_.place = here_.empty() ? "/" : here_;
    return std::move(way_);
  }

 private:
  // False: the directory that the walk has come to is gone, or cannot be watched.
  bool watch(const std::string& name, std::uint32_t mask) {
    auto watch = inotify_.add(root_ + (here_.empty() ? "/" : here_), mask | IN_ONLYDIR | IN_DONT_FOLLOW);
    if (!watch) {
      way_.error = watch.error();
    } else if (*watch) {
      way_.steps.push_back({**std::move(watch), name, mask});
      return true;
    }
    return false;
  }

  // False: there is no such entry, or too many symlinks.
  bool enter(const std::string& name) {
    const std::string path = here_ + '/' + name;
    const std::string shown = root_ + path;
    struct stat status {};
    if (::lstat(shown.c_str(), &status) != 0) return false;
    if (!S_ISLNK(status.st_mode)) {
      here_ = path;
      return true;
    }
    std::array<char, PATH_MAX> target{};
    const ssize_t length = ::readlink(shown.c_str(), target.data(), target.size());
    if (length <= 0 || ++links_ > most_links) return false;
    const std::string_view text(target.data(), static_cast<std::size_t>(length));
    if (text.starts_with('/')) here_.clear();
    push_components(rest_, text);
    return true;
  }

  Inotify& inotify_;
  const std::string& root_;
  Way way_;
  std::vector<std::string> rest_;
  std::string here_;  // canonical, below the root; "" is the root
  unsigned links_ = 0;
};

}  // namespace

Way follow(Inotify& inotify, const std::string& root, std::string_view path, std::uint32_t mask) {
  return Walk(inotify, root).follow(path, mask);
}

}  // namespace revdep::watch
