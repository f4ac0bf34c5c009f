// A number with its noun, for people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace revdep::base {

/// "1 package", "2 packages".
inline std::string counted(std::uint64_t number, std::string_view noun) {
  return std::to_string(number) + ' ' + std::string(noun) + (number == 1 ? "" : "s");
}

}  // namespace revdep::base
