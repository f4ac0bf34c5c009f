// A long random history of a system: packages come, go, are upgraded, moved and edited, libraries are preserved, marked and
// unmarked by hand. The same seed gives the same history. Runs nothing.
#pragma once

#include <cstddef>
#include <random>
#include <string>
#include <vector>

#include "support/portage_root.h"

namespace revdep::support {

/// What one step touched.
struct Happening {
  std::string what;                   ///< for messages: "upgrade app/p3-1 to app/p3-2"
  std::vector<std::string> packages;  ///< "cat/pf": came, went or were edited
  std::vector<std::string> files;     ///< marked by hand
};

class RandomHistory {
 public:
  RandomHistory(PortageRoot& root, unsigned seed) : root_(root), dice_(seed) {}

  Happening step();

 private:
  std::size_t roll(std::size_t sides) { return std::uniform_int_distribution<std::size_t>(0, sides - 1)(dice_); }
  std::string pick(const std::vector<std::string>& from) { return from[roll(from.size())]; }
  [[nodiscard]] std::vector<std::string> installed() const;
  [[nodiscard]] std::vector<std::string> libraries() const;
  TestPackage make_package(const std::string& name);
  PackageFile make_program(const std::string& stem);
  PackageFile make_library(const std::string& stem);
  std::vector<std::string> random_needs();

  Happening install();
  Happening upgrade();
  Happening reinstall();
  Happening unmerge();
  Happening move();
  Happening edit();
  Happening mark();
  Happening drop_preserved();

  PortageRoot& root_;
  std::mt19937 dice_;
  std::size_t next_ = 0;
};

}  // namespace revdep::support
