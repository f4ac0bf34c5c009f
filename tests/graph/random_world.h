// Random systems for the property tests, from plain ones to those with everything that a loader knows. The same seed
// gives the same system everywhere.
#pragma once

#include <cstdint>
#include <random>

#include "graph/memory_system.h"

namespace revdep::graph_test {

class RandomWorld {
 public:
  explicit RandomWorld(std::uint32_t seed);

  World& world() { return world_; }

  /// Gives `package` other objects and changes some links and junk. Returns the names whose answer may be another now: the
  /// base names under which a file that appeared, changed or went can be opened.
  std::vector<std::string> change_package(int package);

  static constexpr int packages = 5;

 private:
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(engine_() % limit); }
  bool chance(std::uint32_t percent) { return below(100) < percent; }
  bool odd(std::uint32_t percent) { return below(100) < percent * oddity_ / 2; }
  std::string pick_directory();
  std::string pick_name();
  std::string pick_entry();
  std::string pick_search_path();
  std::pair<std::string, Spec> make_object();
  void change_links(std::set<std::string>& changed_paths);

  std::mt19937 engine_;
  std::uint32_t oddity_;  // 0: plain, 1, 2: everything
  World world_;
};

}  // namespace revdep::graph_test
