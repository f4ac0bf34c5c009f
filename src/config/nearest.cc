#include "config/nearest.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/edit_distance.h"

namespace revdep::config {

std::string suggest_name(std::string_view word, std::span<const std::string_view> names, std::string_view otherwise) {
  constexpr std::size_t far = 3;  // nearer is a slip of the finger
  std::string known;
  std::pair<std::size_t, std::string_view> nearest{far, ""};
  for (const std::string_view name : names) {
    // More letters than that are far in any case.
    const std::string_view start = word.substr(0, name.size() + far);
    nearest = std::min(nearest, {base::compute_edit_distance(start, name), name});
    known += (known.empty() ? ": " : ", ") + std::string(name);
  }
  if (nearest.first < far) return "; did you mean '" + std::string(nearest.second) + "'?";
  return "; " + std::string(otherwise) + known;
}

}  // namespace revdep::config
