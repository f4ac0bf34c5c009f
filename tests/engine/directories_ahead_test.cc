// A tree takes the listings of the cache's directories from the second reader, and its answers are those that it would have
// found itself.
#include "engine/directories_ahead.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <string>
#include <vector>

#include "support/temp_dir.h"

namespace revdep::engine {
namespace {

using base::FileKind;

class DirectoriesAheadTest : public testing::Test {
 public:
  // A cache's entries for `count` libraries in `directory`: each a symlink to a file.
  std::vector<loader::CacheEntry> make_libraries(const std::string& directory, std::size_t count) {
    std::vector<loader::CacheEntry> entries;
    for (std::size_t number = 0; number < count; ++number) {
      const std::string& path = paths_.emplace_back(directory + "/lib" + std::to_string(number) + ".so.1");
      support::write_file(root_ / (path + ".2"), "");
      std::filesystem::create_symlink(std::filesystem::path(path + ".2").filename(), root_ / path);
      entries.push_back({0x303, base::split_path(path).second, path, 0, {}});
    }
    return entries;
  }
  base::Tree open() { return *base::Tree::open(root_.string()); }

  support::TempDir root_;
  SecondReader reader_;

 private:
  std::deque<std::string> paths_;
};

TEST_F(DirectoriesAheadTest, ADirectoryOfTheCacheIsListedBeforeItIsAskedAbout) {
  const auto entries = make_libraries("/usr/lib", 64);
  base::Tree tree = open();
  const DirectoriesAhead ahead(tree, reader_, entries, {});
  EXPECT_EQ(tree.entry("/usr/lib", "lib0.so.1").kind, FileKind::symlink);
  // Neither name was asked about: what is known of them is from the listing.
  std::filesystem::remove(root_ / "/usr/lib/lib1.so.1");
  support::write_file(root_ / "/usr/lib/late", "");
  EXPECT_EQ(tree.resolve("/usr/lib/lib1.so.1").path, "/usr/lib/lib1.so.1.2");
  EXPECT_EQ(tree.entry("/usr/lib", "late").kind, FileKind::missing);
}

TEST_F(DirectoriesAheadTest, SoIsADirectoryOfThePathWhateverIsInIt) {
  support::write_file(root_ / "/usr/bin/app", "");
  support::write_file(root_ / "/usr/bin/other", "");
  std::filesystem::create_symlink("usr/bin", root_ / "/bin");
  const std::vector<std::string> path = {"/absent", "/bin", "/usr/bin"};
  base::Tree tree = open();
  const DirectoriesAhead ahead(tree, reader_, {}, path);
  EXPECT_EQ(tree.entry("/usr/bin", "app").kind, FileKind::regular);
  std::filesystem::remove(root_ / "/usr/bin/other");
  EXPECT_EQ(tree.entry("/usr/bin", "other").kind, FileKind::regular);
}

TEST_F(DirectoriesAheadTest, ADirectoryOfFewNamesIsNot) {
  const auto entries = make_libraries("/usr/lib", 63);
  base::Tree tree = open();
  const DirectoriesAhead ahead(tree, reader_, entries, {});
  EXPECT_EQ(tree.entry("/usr/lib", "lib0.so.1").kind, FileKind::symlink);
  std::filesystem::remove(root_ / "/usr/lib/lib1.so.1");
  EXPECT_EQ(tree.resolve("/usr/lib/lib1.so.1").kind, FileKind::missing);
}

TEST_F(DirectoriesAheadTest, TwoPathsOfOneDirectoryAreOne) {
  auto entries = make_libraries("/usr/lib", 64);
  std::filesystem::create_symlink("usr/lib", root_ / "/lib");
  std::deque<std::string> paths;
  for (std::size_t number = 0; number < 64; ++number) {
    loader::CacheEntry again = entries[number];
    again.path = paths.emplace_back("/lib/" + std::string(again.name));
    entries.push_back(again);
  }
  base::Tree tree = open();
  const DirectoriesAhead ahead(tree, reader_, entries, {});
  for (const loader::CacheEntry& entry : entries) {
    const base::Tree::Resolved resolved = tree.resolve(entry.path);
    EXPECT_EQ(resolved.kind, FileKind::regular) << entry.path;
    EXPECT_EQ(resolved.path, "/usr/lib/" + std::string(entry.name) + ".2");
  }
}

TEST_F(DirectoriesAheadTest, WhatTheCacheHasAndTheDiskHasNotIsMissing) {
  const auto entries = make_libraries("/usr/lib", 80);
  const auto gone = make_libraries("/opt/lib", 80);
  std::filesystem::remove(root_ / "/usr/lib/lib7.so.1.2");
  std::filesystem::remove_all(root_ / "/opt");
  std::vector<loader::CacheEntry> all = entries;
  all.insert(all.end(), gone.begin(), gone.end());
  base::Tree tree = open();
  const DirectoriesAhead ahead(tree, reader_, all, {});
  EXPECT_EQ(tree.resolve("/usr/lib/lib7.so.1").kind, FileKind::missing);
  EXPECT_EQ(tree.resolve("/usr/lib/lib8.so.1").path, "/usr/lib/lib8.so.1.2");
  EXPECT_EQ(tree.resolve("/opt/lib/lib7.so.1").kind, FileKind::missing);
}

TEST_F(DirectoriesAheadTest, WhatWasListedAndNotTakenIsForgotten) {
  const auto entries = make_libraries("/usr/lib", 64);
  base::Tree tree = open();
  { const DirectoriesAhead ahead(tree, reader_, entries, {}); }
  std::filesystem::remove(root_ / "/usr/lib/lib1.so.1");
  EXPECT_EQ(tree.entry("/usr/lib", "lib1.so.1").kind, FileKind::missing);
}

}  // namespace
}  // namespace revdep::engine
