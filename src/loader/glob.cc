#include "loader/glob.h"

#include <fnmatch.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace revdep::loader {
namespace {

bool has_wildcard(std::string_view text) { return text.find_first_of("*?[") != std::string_view::npos; }

// A component without wildcards: what its backslashes protect.
std::string unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    plain += text[i];
  }
  return plain;
}

std::vector<std::string> matching_names(base::Tree& tree, const std::string& directory, const std::string& pattern) {
  const std::string* const canonical = tree.resolve_directory(directory);
  if (canonical == nullptr) return {};
  const base::Result<std::vector<std::string>> names = tree.list(*canonical);
  std::vector<std::string> matching;
  if (!names) return matching;
  std::copy_if(names->begin(), names->end(), std::back_inserter(matching),
               [&](const std::string& name) { return ::fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD) == 0; });
  return matching;
}

}  // namespace

std::vector<std::string> expand_glob(base::Tree& tree, std::string_view pattern, std::size_t limit) {
  std::vector<std::string> paths{"/"};
  while (!pattern.empty()) {
    const std::size_t end = std::min(pattern.find('/'), pattern.size());
    const std::string component(pattern.substr(0, end));
    pattern.remove_prefix(std::min(end + 1, pattern.size()));
    if (component.empty()) continue;
    std::vector<std::string> next;
    std::unordered_set<std::string> seen;
    for (const std::string& path : paths) {
      const std::vector<std::string> names = has_wildcard(component) ? matching_names(tree, path, component)
                                                                     : std::vector<std::string>{unescape(component)};
      for (const std::string& name : names) {
        std::string step = base::join_path(path, name);
        const base::Tree::Resolved place = tree.resolve(step);
        if (place.kind == base::FileKind::missing || next.size() == limit) continue;
        if (seen.insert(place.path).second) next.push_back(std::move(step));
      }
    }
    std::sort(next.begin(), next.end());
    paths = std::move(next);
  }
  return paths;
}

}  // namespace revdep::loader
