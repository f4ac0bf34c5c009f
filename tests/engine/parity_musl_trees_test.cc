// Random roots: what the machine's musl, called as ldd in a chroot, maps is what the closures say.
#include <gtest/gtest.h>

#include "engine/parity_trees.h"
#include "engine/random_tree_musl.h"

namespace revdep {
namespace {

class MuslTrees : public testing::TestWithParam<unsigned> {};

TEST_P(MuslTrees, ClosuresAreWhatTheLoaderMaps) {
  if (const std::string reason = parity::enter_private_mounts(); !reason.empty()) GTEST_SKIP() << reason;
  const std::string loader = parity::find_musl();
  if (loader.empty()) GTEST_SKIP() << "no /lib/ld-musl-*.so.1";
  const auto make = [&](const std::filesystem::path& root, std::uint32_t seed) {
    return random_tree::make_musl_tree(root, loader, seed);
  };
  const auto ask = [&](const parity::Root& root, const std::string& program) {
    return parity::ask_musl(root, loader, program);
  };
  parity::compare_trees({make, ask, 20}, GetParam());
}

INSTANTIATE_TEST_SUITE_P(Shard, MuslTrees, testing::Range(0U, parity::shards));

}  // namespace
}  // namespace revdep
