// The few files beside the package database that decide what is loaded: the dynamic loader's configuration, and the registry of
// preserved libraries. Each merge writes them anew, mostly with the same content, so that is what counts.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/stamp.h"
#include "base/tree.h"

namespace revdep::daemon {

class SystemFiles {
 public:
  /// Absolute below the root.
  static const std::vector<std::string>& paths();
  static bool is_one(std::string_view path);

  /// Reads them. Whether one has another content than when take() was last called.
  bool look(base::Tree& tree);
  /// Those that had at the last look.
  std::vector<std::string> take();

 private:
  using Digests = std::map<std::string, std::string>;
  Digests read(base::Tree& tree);
  [[nodiscard]] std::vector<std::string> compare() const;

  struct Read {
    base::Stamp stamp;
    std::string digest;
  };
  Digests taken_;
  Digests seen_;
  std::map<std::string, Read> read_;  // by path: not read again while it stays as it was
};

}  // namespace revdep::daemon
