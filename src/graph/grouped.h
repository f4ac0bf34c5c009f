// Objects grouped by a dense key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/ids.h"

namespace revdep::graph {

struct Grouped {
  std::vector<std::uint32_t> starts;  ///< by key, and the end of the last
  std::vector<base::ObjectId> members;

  [[nodiscard]] std::span<const base::ObjectId> of(std::size_t key) const {
    return std::span(members).subspan(starts[key], starts[key + 1] - starts[key]);
  }
};

/// A counting sort that keeps the order of members. `each` is called twice, and both times gives every pair of a key below
/// `keys` and an object to what it is called with.
template <class Each>
Grouped group(std::size_t keys, const Each& each) {
  Grouped grouped;
  grouped.starts.resize(keys + 1);
  each([&](std::size_t key, base::ObjectId) { ++grouped.starts[key + 1]; });
  for (std::size_t key = 0; key < keys; ++key) grouped.starts[key + 1] += grouped.starts[key];
  grouped.members.resize(grouped.starts.back());
  std::vector<std::uint32_t> next(grouped.starts.begin(), grouped.starts.end() - 1);
  each([&](std::size_t key, base::ObjectId member) { grouped.members[next[key]++] = member; });
  return grouped;
}

}  // namespace revdep::graph
