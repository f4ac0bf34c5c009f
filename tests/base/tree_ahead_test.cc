// Directories that were listed ahead, beside the tree.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/tree_fixture.h"

namespace revdep::base {
namespace {

using testing::ElementsAre;
using testing::Pair;
using testing::UnorderedElementsAre;

TEST_F(TreeTest, AListingAheadHasAllEntriesAndWhereTheNamedLinksLead) {
  file("usr/a");
  symlink("usr/b", "a");
  symlink("usr/c", "a");
  Tree tree = open();
  const std::string_view names[] = {"a", "b", "absent"};
  const Tree::Listing listing = tree.list_ahead("/usr", names);
  ASSERT_EQ(listing.names.size(), 3U);
  const auto entry = [&](std::string_view name) { return listing.entries[listing.names.find(name).index()].entry; };
  EXPECT_EQ(entry("a"), tree.entry("/usr", "a"));
  EXPECT_EQ(entry("b"), tree.entry("/usr", "b"));
  EXPECT_EQ(entry("c"), tree.entry("/usr", "c"));
  EXPECT_THAT(listing.links, UnorderedElementsAre(Pair(listing.names.find("b"), "a")));
}

TEST_F(TreeTest, ADirectoryIsAskedForAheadOnce) {
  file("usr/a");
  file("opt/a");
  Tree tree = open();
  std::vector<std::string> asked;
  tree.set_ahead([&](std::string_view directory) -> std::optional<Tree::Listing> {
    asked.emplace_back(directory);
    if (directory != "/usr") return std::nullopt;
    Tree::Listing listing;
    listing.known = Tree::Listing::Known::all;
    listing.names.intern("made-up");
    listing.entries.push_back({{FileKind::regular, 7}, 0});
    return listing;
  });
  EXPECT_EQ(tree.entry("/usr", "made-up").inode, 7U);
  EXPECT_EQ(tree.entry("/usr", "a").kind, FileKind::missing);
  EXPECT_EQ(tree.entry("/opt", "a").kind, FileKind::regular);
  EXPECT_EQ(tree.entry("/usr", "made-up").inode, 7U);
  EXPECT_THAT(asked, ElementsAre("/usr", "/opt"));
}

}  // namespace
}  // namespace revdep::base
