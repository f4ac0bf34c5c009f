// The admin's rules: the text of a rule file to checked values. Reads no file, and looks at no object.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace revdep::config {

/// `load EXECUTABLE-GLOB -> LIBRARY-GLOB`: these programs load these plugins at run time.
struct Load {
  std::string executables;  ///< fnmatch(3) pattern of canonical paths, with FNM_PATHNAME: a wildcard matches no slash
  std::string libraries;    ///< the same
  std::string file;         ///< where it stands
  std::size_t line = 0;
  friend bool operator==(const Load&, const Load&) = default;
};

struct Rules {
  std::vector<Load> loads;
};

/// Adds the rules of one file: one statement a line, as tokens.h splits it. A bad line and one that repeats a rule, of
/// this or an earlier file, are left out, each with an error that names `name` and the line, and the others count.
std::vector<base::Error> parse_rules(std::string_view text, std::string_view name, Rules& rules);

}  // namespace revdep::config
