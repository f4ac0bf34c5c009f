#include "revdep-pax/near.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/edit_distance.h"
#include "base/tree.h"

namespace revdep::tool {
namespace {

constexpr std::size_t most_names = 3;

std::string_view stem(std::string_view name) { return name.substr(0, name.find(".so")); }

// nullopt: not near. The same name is nearest of all.
std::optional<std::size_t> distance(std::string_view name, std::string_view candidate) {
  const std::size_t limit = std::max<std::size_t>(2, name.size() / 4);
  if (name == candidate) return 0;
  if (!stem(name).empty() && stem(name) == stem(candidate)) return 1;
  const std::size_t shorter = std::min(name.size(), candidate.size());
  if (std::max(name.size(), candidate.size()) - shorter > limit || shorter <= limit) return std::nullopt;
  const std::size_t edits = base::compute_edit_distance(name, candidate);
  return edits <= limit ? std::optional(edits + 2) : std::nullopt;
}

using Ranked = std::vector<std::pair<std::size_t, std::string_view>>;

// Beside a good match a poor one is noise.
std::vector<std::string_view> nearest(Ranked ranked) {
  std::sort(ranked.begin(), ranked.end());
  std::erase_if(ranked,
                [best = ranked.empty() ? 0 : ranked.front().first](const auto& one) { return one.first > best + 1; });
  ranked.erase(std::unique(ranked.begin(), ranked.end()), ranked.end());
  ranked.resize(std::min(ranked.size(), most_names));
  std::vector<std::string_view> names;
  for (const auto& [rank, name] : ranked) names.push_back(name);
  return names;
}

}  // namespace

std::vector<std::string_view> near_names(std::string_view name, std::vector<std::string_view> candidates) {
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  Ranked ranked;
  for (const std::string_view candidate : candidates) {
    if (const auto rank = distance(name, candidate)) ranked.emplace_back(*rank, candidate);
  }
  return nearest(std::move(ranked));
}

std::vector<std::string_view> near_paths(std::string_view path, const std::vector<std::string_view>& candidates) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  Ranked ranked;
  for (const std::string_view candidate : candidates) {
    if (const auto rank = distance(name, base::split_path(candidate).second)) ranked.emplace_back(*rank, candidate);
  }
  return nearest(std::move(ranked));
}

std::string did_you_mean(const std::vector<std::string_view>& names) {
  std::string text;
  for (std::size_t index = 0; index < names.size(); ++index) {
    text += index == 0 ? "; did you mean " : index + 1 == names.size() ? " or " : ", ";
    text += names[index];
  }
  return text.empty() ? text : text + "?";
}

}  // namespace revdep::tool
