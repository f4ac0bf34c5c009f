// One line of a rule file as tokens: words, quoted or not, and the arrow. Knows no statement.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace revdep::config {

struct Token {
  enum class Kind : unsigned char { word, arrow } kind = Kind::word;
  std::string text;  ///< of a quoted word, without quotes and escapes
  friend bool operator==(const Token&, const Token&) = default;
};

struct TokenLine {
  std::vector<Token> tokens;
  std::string fault;  ///< what is wrong and what was probably meant; "": nothing is, else there are no tokens
};

/// Blanks (spaces, tabs, carriage returns) separate tokens; `->` alone is the arrow; '#' where a token could begin
/// starts a comment. A word that holds a blank, '#' or '"' is written in double quotes, where \" and \\ stand for a
/// quote and a backslash. Outside quotes a backslash is a letter like any other.
TokenLine parse_tokens(std::string_view line);

/// The inverse: `word`, which holds neither a NUL byte nor a line break, in quotes where it needs them.
std::string format_word(std::string_view word);

}  // namespace revdep::config
