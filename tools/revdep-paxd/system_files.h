// The few files beside the package database that decide what is loaded: the dynamic loader's configuration, and the registry of
// preserved libraries. Each merge writes them anew, mostly with the same content, so that is what counts.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/tree.h"

namespace revdep::daemon {

class SystemFiles {
 public:
  /// Absolute below the root.
  static const std::vector<std::string>& paths();
  static bool is_one(std::string_view path);

  /// Those that have another content than when take() was last called.
  [[nodiscard]] std::vector<std::string> find_changed(base::Tree& tree) const;
  std::vector<std::string> take(base::Tree& tree);

 private:
  using Digests = std::map<std::string, std::string>;
  static Digests read(base::Tree& tree);
  [[nodiscard]] std::vector<std::string> compare(const Digests& now) const;

  Digests known_;
};

}  // namespace revdep::daemon
