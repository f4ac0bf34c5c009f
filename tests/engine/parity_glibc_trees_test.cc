// Random roots: what the machine's glibc maps in a chroot is what the closures say.
#include <gtest/gtest.h>

#include "engine/parity_trees.h"
#include "engine/random_tree_glibc.h"
#include "support/command.h"

namespace revdep {
namespace {

class GlibcTrees : public testing::TestWithParam<unsigned> {};

TEST_P(GlibcTrees, ClosuresAreWhatTheLoaderMaps) {
  if (const std::string reason = parity::enter_private_mounts(); !reason.empty()) GTEST_SKIP() << reason;
  if (support::run({"/sbin/ldconfig", "--version"}).status != 0) GTEST_SKIP() << "no ldconfig";
  const auto machine = parity::find_glibc();
  if (!machine) GTEST_SKIP() << "/bin/true is not linked with a glibc of 2.33 or later";
  const auto make = [&](const std::filesystem::path& root, std::uint32_t seed) {
    return random_tree::make_glibc_tree(root, *machine, seed);
  };
  parity::compare_trees({make, parity::ask_glibc}, GetParam());
}

INSTANTIATE_TEST_SUITE_P(Shard, GlibcTrees, testing::Range(0U, parity::shards));

}  // namespace
}  // namespace revdep
