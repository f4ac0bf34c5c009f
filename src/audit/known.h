// The list of objects known to need a marking: which sonames or paths, which flags, on what evidence. Parses; reads no file.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "pax/relax.h"

namespace revdep::audit {

/// One entry.
struct Known {
  std::string pattern;                ///< fnmatch(3): of a soname, or, with a slash, of a canonical path
  pax::Relaxations flags;             ///< none: known to do without
  pax::Relaxations without_emutramp;  ///< instead, where the kernel has no EMUTRAMP
  std::string date;                   ///< of the evidence: "2026-11"
  std::string evidence;               ///< why, one sentence
  friend bool operator==(const Known&, const Known&) = default;
};

class KnownList {
 public:
  /// Adds the entries of one text. Lines: PATTERN FLAGS DATE EVIDENCE..., blanks between; '#' begins a comment line. FLAGS are
  /// relaxing letters ("m", "mr", "E"), "E|m" (the second where the kernel has no EMUTRAMP) or "-" (none). An entry of a
  /// text added later comes before those of earlier ones. What is malformed is left out: an error with `name` and line each.
  std::vector<base::Error> add(std::string_view text, std::string_view name);

  /// The first entry that fits; nullptr: none. `soname` may be "".
  [[nodiscard]] const Known* find(std::string_view soname, std::string_view path) const;

 private:
  struct Entry {
    Known known;
    std::string prefix;  // of all that fits: nearly every question ends with it
  };
  std::vector<std::vector<Entry>> texts_;  // the last one first in find()
};

}  // namespace revdep::audit
