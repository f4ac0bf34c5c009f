// The directories of ld.so.cache and of $PATH, listed by the second reader from the start: nearly every library and program
// is looked for there, and listing one takes as long as reading a hundred files.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/tree.h"
#include "engine/read_ahead.h"
#include "loader/ld_cache.h"

namespace revdep::engine {

/// While it lives, `tree` takes the listings of these directories from here. All must outlive it.
class DirectoriesAhead {
 public:
  /// `path`: $PATH's directories.
  DirectoriesAhead(base::Tree& tree, SecondReader& reader, std::span<const loader::CacheEntry> cache,
                   std::span<const std::string> path);
  DirectoriesAhead(const DirectoriesAhead&) = delete;
  DirectoriesAhead& operator=(const DirectoriesAhead&) = delete;
  ~DirectoriesAhead();

 private:
  struct Question {
    std::string_view directory;           // canonical; the tree's
    std::vector<std::string_view> names;  // that the cache has there
  };
  base::Tree& tree_;
  ReadAhead<Question, base::Tree::Listing> listings_;
  std::unordered_map<std::string_view, std::size_t> asked_;
};

}  // namespace revdep::engine
