// The admin's rules: the text of a rule file to checked values. Reads no file, and looks at no object.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "pax/marking.h"
#include "pax/relax.h"

namespace revdep::config {

// Globs are those of glob.h; `file` and `line` tell where a rule stands.

/// `mark PATH-OR-GLOB FLAGS [nonroot]`: the whole marking of these files.
struct Mark {
  std::string glob;
  pax::Marking letters;
  bool nonroot = false;  ///< also where the file is a user's
  std::size_t rank = 0;  ///< how many `mark` and `ignore` rules stand before it
  std::string file;
  std::size_t line = 0;
  friend bool operator==(const Mark&, const Mark&) = default;
};

/// `require LIBRARY-GLOB FLAGS`: these libraries ask for that, whatever they carry.
struct Require {
  std::string glob;
  pax::Relaxations asked;  ///< never empty
  std::string file;
  std::size_t line = 0;
  friend bool operator==(const Require&, const Require&) = default;
};

/// `ignore GLOB`: these files are left alone.
struct Ignore {
  std::string glob;
  std::size_t rank = 0;  ///< as in Mark
  std::string file;
  std::size_t line = 0;
  friend bool operator==(const Ignore&, const Ignore&) = default;
};

/// `load EXECUTABLE-GLOB -> LIBRARY-GLOB`: these programs load these plugins at run time.
struct Load {
  std::string executables;
  std::string libraries;
  std::string file;
  std::size_t line = 0;
  friend bool operator==(const Load&, const Load&) = default;
};

struct Rules {
  std::vector<Mark> marks;
  std::vector<Require> requirements;
  std::vector<Ignore> ignores;
  std::vector<Load> loads;
};

/// Adds the rules of one file: one statement a line, as statement.h reads it. Left out, each with an error that names
/// `name` and the line, are a bad line, one that repeats a rule of this or an earlier file, and a `mark` or `ignore`
/// that says of the same text something else than an earlier one. The others count.
std::vector<base::Error> parse_rules(std::string_view text, std::string_view name, Rules& rules);

/// The line that says it.
std::string format_rule(const Mark& mark);

}  // namespace revdep::config
