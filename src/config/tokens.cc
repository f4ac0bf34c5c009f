#include "config/tokens.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace revdep::config {
namespace {

constexpr std::string_view blanks = " \t\r";

// Cuts a quoted word, whose opening quote is the line's first byte, into `word`. "": nothing is wrong.
std::string take_quoted(std::string_view& line, std::string& word) {
  for (std::size_t at = 1; at < line.size(); ++at) {
    if (line[at] == '"') {
      line.remove_prefix(at + 1);
      if (line.empty() || blanks.find(line.front()) != std::string_view::npos) return "";
      return "a blank is missing after the quoted name \"" + word + '"';
    }
    if (line[at] == '\\') {
      ++at;
      if (at < line.size() && line[at] != '"' && line[at] != '\\') {
        return R"(in double quotes a backslash is written \\ and a quote \")";
      }
    }
    if (at < line.size()) word += line[at];
  }
  return "the closing quote is missing";
}

std::string take_bare(std::string_view& line, std::string& word) {
  word = line.substr(0, line.find_first_of(blanks));
  line.remove_prefix(word.size());
  if (word.find('"') != std::string::npos) return "a quote within '" + word + "': put the whole name in double quotes";
  if (word.find('#') != std::string::npos) {
    return "a '#' within '" + word + "': put a blank before a comment, or the name in double quotes";
  }
  return "";
}

}  // namespace

TokenLine parse_tokens(std::string_view line) {
  if (line.find('\0') != std::string_view::npos) return {{}, "it holds a NUL byte"};
  std::vector<Token> tokens;
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    if (line.empty() || line.front() == '#') return {std::move(tokens), ""};
    const bool quoted = line.front() == '"';
    Token token;
    if (std::string fault = (quoted ? take_quoted : take_bare)(line, token.text); !fault.empty()) {
      return {{}, std::move(fault)};
    }
    if (!quoted && token.text == "->") token.kind = Token::Kind::arrow;
    tokens.push_back(std::move(token));
  }
}

std::string format_word(std::string_view word) {
  if (!word.empty() && word != "->" && word.find_first_of(" \t\r\"#") == std::string_view::npos) {
    return std::string(word);
  }
  std::string quoted = "\"";
  for (const char letter : word) {
    if (letter == '"' || letter == '\\') quoted += '\\';
    quoted += letter;
  }
  return quoted + '"';
}

}  // namespace revdep::config
