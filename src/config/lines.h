// The lines of a text, numbered. Knows no format.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace revdep::config {

/// Calls `take(line, number)` for each line, without its line break; the first is number 1. A line break at the end of
/// the text begins no further line.
template <class Take>
void for_each_line(std::string_view text, Take take) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    take(line, number);
  }
}

}  // namespace revdep::config
