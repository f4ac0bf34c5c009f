// Text to lines. Ends a line at '\n' only: a carriage return is a byte of a name like any other.
#pragma once

#include <cstddef>
#include <string_view>

namespace revdep::vdb {

struct Line {
  std::string_view text;   ///< without its newline
  std::size_t number = 0;  ///< 1-based
  bool complete = true;    ///< false: the text ended before a newline
};

/// Calls `use` with each line that is not empty.
template <class Use>
void for_each_line(std::string_view text, Use&& use) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const bool complete = end != std::string_view::npos;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(complete ? end + 1 : text.size());
    if (!line.empty()) use(Line{line, number, complete});
  }
}

}  // namespace revdep::vdb
