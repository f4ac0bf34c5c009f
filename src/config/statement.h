// One line of a rule file as a checked statement. Knows no other line: what repeats or contradicts is for rules.h.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "config/rules.h"

namespace revdep::config {

using Statement = std::variant<std::monostate, Mark, Require, Ignore, Load>;

struct StatementLine {
  Statement statement;  ///< nothing: the line is blank, or at fault
  std::string fault;    ///< what is wrong and what was meant; "": nothing is
};

/// The line's tokens are those of tokens.h. Where it stands (file, line, rank) is left to the caller.
StatementLine parse_statement(std::string_view line);

}  // namespace revdep::config
