#include "base/image.h"

#include <algorithm>
#include <utility>

namespace revdep::base {

Result<Image> Image::read(const std::string& image, Tree& system) {
  auto tree = Tree::open(image);
  if (!tree) return tree.error();
  Image read(std::move(*tree));
  std::vector<std::pair<std::string, std::string>> queue = {{"/", "/"}};  // the image's directory, and the system's
  while (!queue.empty()) {
    const auto [directory, target] = std::move(queue.back());
    queue.pop_back();
    const auto names = read.tree_.list(directory);
    if (!names) return names.error();
    for (const std::string& name : *names) {
      const std::string place = join_path(directory, name);
      const std::string canonical = join_path(target, name);
      const FileKind kind = read.tree_.entry(directory, name).kind;
      if (kind == FileKind::directory) {
        const Tree::Resolved found = system.resolve(canonical);
        const bool is_there = found.kind == FileKind::directory;
        queue.emplace_back(place, is_there ? found.path : canonical);
        if (is_there) continue;
      } else if (system.entry(target, name).kind == FileKind::directory) {
        continue;
      }
      read.places_.emplace(canonical, place);
      read.names_[target].push_back(name);
      if (kind == FileKind::regular) read.files_.push_back(canonical);
    }
  }
  std::sort(read.files_.begin(), read.files_.end());
  return read;
}

const std::string* Image::find(std::string_view canonical) const {
  const auto found = places_.find(std::string(canonical));
  return found == places_.end() ? nullptr : &found->second;
}

const std::vector<std::string>& Image::names(std::string_view directory) const {
  static const std::vector<std::string> none;
  const auto found = names_.find(std::string(directory));
  return found == names_.end() ? none : found->second;
}

}  // namespace revdep::base
