// A random history of a small root, and after each step the answers of a tree that took it up beside those of a fresh one.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <map>
#include <random>
#include <string>

#include "base/tree_fixture.h"
#include "support/file_clock.h"

namespace revdep::base {

/// `age`: how many seconds later than now the looks are taken to be.
inline void expect_fresh_answers(TreeTest& test, EntryWatch* watch, std::time_t age) {
  std::mt19937 dice(1);
  const auto pick = [&](std::size_t count) { return std::uniform_int_distribution<std::size_t>(0, count - 1)(dice); };
  const std::string directories[] = {"", "usr", "usr/lib", "usr/lib/sub", "opt", "opt/x"};
  const std::string names[] = {"a", "b", "c", "d", "e", "lib", "sub", "x"};
  const std::string targets[] = {"a", "b", "../usr/lib", "/opt", "sub/a", "x"};
  const auto random_path = [&] {
    const std::string& parent = directories[pick(std::size(directories))];
    return (parent.empty() ? "" : parent + "/") + names[pick(std::size(names))];
  };
  const auto is_free = [&](const std::string& path) {
    std::error_code ignored;
    return std::filesystem::symlink_status(test.at(path), ignored).type() == std::filesystem::file_type::not_found;
  };
  Tree kept = test.open();
  std::map<std::string, DirectoryEntry> answered;
  std::size_t unread = 0;
  for (int step = 0; step < 400; ++step) {
    const std::string path = random_path();
    std::error_code ignored;
    switch (pick(4)) {
      case 0:
        if (std::filesystem::is_directory(test.at(path).parent_path(), ignored) && is_free(path)) test.file(path);
        break;
      case 1:
        if (is_free(path)) std::filesystem::create_directory(test.at(path), ignored);
        break;
      case 2:
        if (std::filesystem::is_directory(test.at(path).parent_path(), ignored)) {
          std::filesystem::remove(test.at(path), ignored);
          std::filesystem::create_symlink(targets[pick(std::size(targets))], test.at(path), ignored);
        }
        break;
      default:
        std::filesystem::remove_all(test.at(path), ignored);
    }
    support::await_file_clock_tick();
    const Tree::Changes changes = kept.refresh(std::time(nullptr) + age, watch);
    if (changes.entries.empty()) ++unread;
    Tree fresh = test.open();
    for (int question = 0; question < 20; ++question) {
      const std::string asked = '/' + random_path();
      ASSERT_EQ(test.describe(kept.resolve(asked)), test.describe(fresh.resolve(asked)))
          << "step " << step << ", " << asked;
      const auto [directory, name] = split_path(asked);
      const std::string* const canonical = kept.resolve_directory(directory);
      if (canonical == nullptr) continue;
      const std::string where = join_path(*canonical, name);
      const DirectoryEntry entry = kept.entry(*canonical, name);
      ASSERT_EQ(entry, fresh.entry(*canonical, name)) << "step " << step << ", " << where;
      // What is answered differently was told of.
      const auto known = answered.find(where);
      if (known != answered.end() && known->second != entry) {
        EXPECT_TRUE(std::ranges::binary_search(changes.entries, where)) << "step " << step << ", " << where;
      }
      answered[where] = entry;
    }
    // Answers of earlier steps that nobody repeated may have changed, and that was told then.
    for (const std::string& changed : changes.entries) answered.erase(changed);
  }
  EXPECT_GT(unread, 20U);
}

}  // namespace revdep::base
