// Random choices that are the same everywhere for one seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace revdep::random_tree {

class Dice {
 public:
  explicit Dice(std::uint32_t seed) : engine_(seed) {}

  /// 0 to count - 1.
  std::size_t below(std::size_t count) { return engine_() % count; }
  std::size_t between(std::size_t low, std::size_t high) { return low + below(high - low + 1); }
  bool percent(unsigned chance) { return below(100) < chance; }
  template <class Item>
  const Item& pick(const std::vector<Item>& items) {
    return items[below(items.size())];
  }

 private:
  std::mt19937 engine_;
};

}  // namespace revdep::random_tree
