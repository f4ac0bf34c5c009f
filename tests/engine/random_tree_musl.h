// Random roots with a musl: what its loader does otherwise than glibc's, by chance and mixed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "engine/random_tree_glibc.h"

namespace revdep::random_tree {

/// Fills the empty directory `root`. `loader`: the machine's musl, at the path that programs name it by.
Tree make_musl_tree(const std::filesystem::path& root, const std::string& loader, std::uint32_t seed);

}  // namespace revdep::random_tree
