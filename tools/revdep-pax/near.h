// Names like one that is not known, for "did you mean". Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace revdep::tool {

/// At most three of `candidates`, the nearest first: the same stem (all before ".so"), else few edits away.
std::vector<std::string_view> near_names(std::string_view name, std::vector<std::string_view> candidates);

/// The same for paths, by their base names.
std::vector<std::string_view> near_paths(std::string_view path, const std::vector<std::string_view>& candidates);

/// "; did you mean A, B or C?"; "" without names.
std::string did_you_mean(const std::vector<std::string_view>& names);

}  // namespace revdep::tool
