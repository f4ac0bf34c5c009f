// Lists of other daemons as rules of ours: text to text. Reads and writes no file.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace revdep::config {

enum class ForeignFormat : unsigned char { paxctld, paxd, paxrat };

std::optional<ForeignFormat> parse_foreign_format(std::string_view name);

struct Imported {
  std::string rules;                ///< `mark` lines, with comments where a marking does what its author may not expect
  std::vector<base::Error> errors;  ///< what was left out, by line: what is wrong and what was meant
};

/// The rules that give each file the marking that the other daemon would have given it. `name` is for the errors.
/// parse_rules() takes all of them without an error.
Imported import_rules(ForeignFormat format, std::string_view text, std::string_view name);

}  // namespace revdep::config
