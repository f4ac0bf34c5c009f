// Invariant: after any sequence of package events the graph answers as one that was loaded afresh.
//
// What an event has to tell: Linker::forget() for every linker, replace_package() with all objects that the package has
// now, and resolve() with the base name of every directory entry (file or symlink, whoever owns it) that leads to a file
// that appeared, went or changed, or led to one before.
#include <gtest/gtest.h>

#include "base/tree.h"
#include "graph/random_world.h"

namespace revdep::graph_test {
namespace {

constexpr std::uint32_t seeds = 600;
constexpr int events = 6;

void expect_same_answers(MemorySystem& incremental, MemorySystem& fresh, const World& world) {
  ASSERT_EQ(incremental.graph().objects().size(), world.objects.size());
  for (const auto& [path, object] : world.objects) {
    SCOPED_TRACE(path);
    const base::ObjectId one = incremental.find(path);
    const base::ObjectId other = fresh.find(path);
    ASSERT_TRUE(one.valid());
    ASSERT_EQ(incremental.graph().object(one).package, fresh.graph().object(other).package);
    ASSERT_EQ(incremental.closure_text(path), fresh.closure_text(path));
    ASSERT_EQ(incremental.consumers(path), fresh.consumers(path));
    // Edges, whether or not a closure shows them.
    const auto providers = incremental.graph().providers(one);
    const auto expected = fresh.graph().providers(other);
    ASSERT_EQ(providers.size(), expected.size());
    for (std::size_t index = 0; index < providers.size(); ++index) {
      ASSERT_EQ(providers[index].valid(), expected[index].valid());
      if (!expected[index].valid()) continue;
      ASSERT_EQ(incremental.path(providers[index]), fresh.path(expected[index]));
    }
  }
}

TEST(IncrementalProperty, ReplacedPackagesGiveTheAnswersOfAFreshLoad) {
  for (std::uint32_t seed = 0; seed < seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomWorld random(seed);
    MemorySystem incremental(random.world());
    for (int event = 0; event < events; ++event) {
      SCOPED_TRACE("event " + std::to_string(event));
      const int package = static_cast<int>((seed + static_cast<std::uint32_t>(event) * 7) % RandomWorld::packages);
      const std::vector<std::string> changed = random.change_package(package);
      incremental.replace_package(package, changed);
      MemorySystem fresh(random.world());
      expect_same_answers(incremental, fresh, random.world());
      if (HasFatalFailure()) return;
    }
  }
}

TEST(IncrementalProperty, PackagesThatGoAndComeBackLeaveTheGraphAsItWas) {
  for (std::uint32_t seed = 0; seed < seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomWorld random(seed);
    World& world = random.world();
    MemorySystem incremental(world);
    const World before = world;
    MemorySystem fresh(before);
    for (int package = 0; package < RandomWorld::packages; ++package) {
      std::vector<std::string> names;
      for (const auto& [path, object] : before.objects) {
        if (object.second != package) continue;
        names.emplace_back(base::split_path(path).second);
        for (const auto& [link, target] : before.links) {
          if (target == path) names.emplace_back(base::split_path(link).second);
        }
      }
      std::erase_if(world.objects, [&](const auto& object) { return object.second.second == package; });
      incremental.replace_package(package, names);
      for (const auto& [path, object] : before.objects) world.objects.emplace(path, object);
      incremental.replace_package(package, names);
    }
    expect_same_answers(incremental, fresh, before);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace revdep::graph_test
