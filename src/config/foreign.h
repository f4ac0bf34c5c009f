// The lists of the daemons before this one, read as they read them: lines and members to entries. Checks no path and no
// flags, and says nothing of our own rules: that is import.h's.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace revdep::config {

struct ForeignMark {
  std::size_t line = 0;
  std::string path;
  std::string flags;
  bool nonroot = false;
};

struct ForeignFault {
  std::size_t line = 0;
  std::string reason;  ///< what is wrong and what was meant
};

struct ForeignList {
  std::vector<ForeignMark> marks;  ///< in the order of their lines
  std::vector<ForeignFault> faults;
};

/// Lines `PATH FLAGS [nonroot]`; a path with blanks in double quotes, without escapes; '#' begins a comment where a word
/// could begin.
ForeignList parse_paxctld(std::string_view text);

/// Lines `FLAGS PATH`; the path is the rest of the line; '#' in the first column begins a comment.
ForeignList parse_paxd(std::string_view text);

/// JSON {"PATH": {"flags": "FLAGS", "nonroot": true}}, without the lines whose first letter is '#'.
ForeignList parse_paxrat(std::string_view text);

}  // namespace revdep::config
