// Two properties over random systems: closures along edges are the loader's, and consumers are their inverse.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "graph/random_world.h"

namespace revdep::graph_test {
namespace {

constexpr std::uint32_t seeds = 4000;

// Identity of a file: hard links are one.
std::string file_of(const World& world, const std::string& path) {
  const int inode = world.objects.at(path).first.inode;
  return inode == 0 ? path : "inode " + std::to_string(inode);
}

TEST(ClosureProperty, EveryClosureIsWhatTheLoaderMapsInItsOrder) {
  std::size_t along_edges = 0;
  std::size_t simulated = 0;
  for (std::uint32_t seed = 0; seed < seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomWorld random(seed);
    MemorySystem system(random.world());
    for (const auto& [path, object] : random.world().objects) {
      SCOPED_TRACE(path);
      const std::vector<std::string> closure = system.closure_text(path);
      ASSERT_EQ(closure, system.simulated_text(path));
      if (closure.size() < 2) continue;
      ++(system.graph().contextual(system.find(path)) ? simulated : along_edges);
    }
  }
  // Else the test would compare the simulation with itself.
  EXPECT_GT(along_edges, std::size_t{5000});
  EXPECT_GT(simulated, std::size_t{5000});
}

TEST(ClosureProperty, ConsumersAreAllThoseWhoseClosureHasTheFile) {
  std::size_t compared = 0;
  for (std::uint32_t seed = 0; seed < seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomWorld random(seed);
    const World& world = random.world();
    MemorySystem system(world);
    std::map<std::string, std::set<std::string>> expected;  // by file
    for (const auto& [path, object] : world.objects) {
      for (const loader::Mapped& mapped : system.closure(path).objects) {
        expected[file_of(world, std::string(system.path(mapped.object)))].insert(path);
      }
    }
    for (const auto& [path, object] : world.objects) {
      SCOPED_TRACE(path);
      std::set<std::string> consumers = expected[file_of(world, path)];
      consumers.erase(path);
      compared += consumers.size();
      ASSERT_EQ(system.consumers(path), std::vector<std::string>(consumers.begin(), consumers.end()));
    }
  }
  EXPECT_GT(compared, std::size_t{10000});
}

}  // namespace
}  // namespace revdep::graph_test
