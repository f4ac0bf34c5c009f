// What all objects reach at once is, where that is said to be exact, what their closures hold, plugins included.
#include <gtest/gtest.h>

#include <random>

#include "graph/random_world.h"

namespace revdep::graph_test {
namespace {

using base::ObjectId;

constexpr std::uint32_t seeds = 6000;

class Marked {
 public:
  Marked(const World& world, std::uint32_t seed) : world_(world), system_(world), dice_(seed) {
    const std::vector<ObjectId> objects = graph().objects();
    for (auto count = dice_() % 3; count > 0; --count) {
      const ObjectId opener = pick(objects);
      // Loaders open nothing of their own, and hard links open the same.
      if (is_loader(opener) || inode_of(opener) != 0) continue;
      graph().set_plugins(opener, {{pick(objects), system_.names().intern("plugin"), dice_() % 2 == 0}});
    }
    own_.resize(graph().size());
    for (const ObjectId id : objects) own_[id.index()] = file_bits(id);
    // The kernel's choice is no edge.
    for (const ObjectId id : objects) {
      if (is_loader(id)) own_[id.index()] = 0;
    }
  }

  graph::Graph& graph() { return system_.graph(); }
  [[nodiscard]] const std::vector<std::uint8_t>& own() const { return own_; }

  std::uint8_t by_closure(ObjectId id) {
    std::uint8_t all = 0;
    for (const loader::Mapped& mapped : graph().closure_with_plugins(system_, id).objects) {
      all = static_cast<std::uint8_t>(all | own_[mapped.object.index()]);
    }
    return all;
  }

 private:
  bool is_loader(ObjectId id) {
    const std::string_view path = graph().path(id);
    return path == glibc_loader || path == other_loader || path == musl_loader;
  }

  ObjectId pick(const std::vector<ObjectId>& objects) { return objects[dice_() % objects.size()]; }

  int inode_of(ObjectId id) { return world_.objects.at(std::string(graph().path(id))).first.inode; }

  // Hard links carry the same.
  std::uint8_t file_bits(ObjectId id) {
    const int inode = inode_of(id);
    const std::size_t file = inode == 0 ? std::hash<std::string_view>{}(graph().path(id)) : std::size_t(inode);
    return file % 3 == 0 ? static_cast<std::uint8_t>(1U << (file / 3 % 8)) : std::uint8_t{0};
  }

  const World& world_;
  MemorySystem system_;
  std::mt19937 dice_;
  std::vector<std::uint8_t> own_;
};

TEST(GatherProperty, IsTheUnionOverTheClosureWhereItIsSaidToBeExact) {
  std::size_t exact = 0;
  std::size_t with_plugins = 0;
  for (std::uint32_t seed = 0; seed < seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomWorld random(seed);
    Marked marked(random.world(), seed);
    const std::vector<bool> plain = marked.graph().find_plain();
    const std::vector<std::uint8_t> reached = marked.graph().gather(marked.own());
    for (const ObjectId id : marked.graph().objects()) {
      // What lies on a cycle reaches itself.
      if (!plain[id.index()] || marked.own()[id.index()] != 0) continue;
      SCOPED_TRACE(marked.graph().path(id));
      ASSERT_EQ(reached[id.index()], marked.by_closure(id));
      if (reached[id.index()] == 0) continue;
      ++exact;
      if (!marked.graph().plugins(id).empty()) ++with_plugins;
    }
  }
  EXPECT_GT(exact, std::size_t{2000});
  EXPECT_GT(with_plugins, std::size_t{50});
}

}  // namespace
}  // namespace revdep::graph_test
