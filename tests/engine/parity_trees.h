// Runs the comparison over many random roots. REVDEP_TREES and REVDEP_SEED choose how many and which.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "engine/parity_loader.h"
#include "engine/random_tree_glibc.h"

namespace revdep::parity {

struct Trees {
  std::function<random_tree::Tree(const std::filesystem::path& root, std::uint32_t seed)> make;
  std::function<Answer(const Root& root, const std::string& program)> ask;
  unsigned percentage = 100;  ///< of the number of trees asked for
};

/// The trees are shared out among so many tests, which can run side by side.
inline constexpr unsigned shards = 4;

/// Reports what differs as test failures, with the seed and where that tree is kept. Prints a line of counts.
void compare_trees(const Trees& trees, unsigned shard);

}  // namespace revdep::parity
