#include "config/rules.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <tuple>
#include <utility>

#include "base/edit_distance.h"
#include "config/tokens.h"

namespace revdep::config {
namespace {

struct Place {
  std::string_view file;
  std::size_t line = 0;
};

struct EarlierLoad {
  std::string executables;
  std::string libraries;
  std::string place;
  bool operator<(const EarlierLoad& other) const {
    return std::tie(executables, libraries) < std::tie(other.executables, other.libraries);
  }
};

std::string spell(std::string_view file, std::size_t line) { return std::string(file) + ':' + std::to_string(line); }

bool is_arrow(const Token& token) { return token.kind == Token::Kind::arrow; }

// Why no canonical path can fit `glob`; "": one can.
std::string check_glob(const std::string& glob) {
  if (!glob.starts_with('/')) return '\'' + glob + "' is no absolute path: it must begin with /";
  for (const std::string_view part : {"//", "/./", "/../"}) {
    if ((glob + '/').find(part) != std::string::npos) {
      return '\'' + glob + "' fits no file: paths have no //, . or .., and do not end in /";
    }
  }
  const std::size_t backslashes = glob.size() - 1 - glob.find_last_not_of('\\');
  return backslashes % 2 == 0 ? "" : '\'' + glob + "' fits no file: it ends in a lone backslash";
}

class Parser {
 public:
  explicit Parser(Rules& rules) : rules_(rules) {
    for (const Load& load : rules.loads) loads_.insert({load.executables, load.libraries, spell(load.file, load.line)});
  }

  /// What is wrong with the line, which is left out then; "": nothing is.
  std::string parse(std::string_view line, Place place);

 private:
  struct Statement {
    std::string_view word;
    std::string (Parser::*parse)(std::span<const Token> arguments, Place place);
  };
  static constexpr std::size_t statement_count = 1;
  static const std::array<Statement, statement_count> statements;

  static std::string unknown(const Token& token);
  std::string parse_load(std::span<const Token> arguments, Place place);

  Rules& rules_;
  std::set<EarlierLoad> loads_;
};

constexpr std::array<Parser::Statement, Parser::statement_count> Parser::statements = {{{"load", &Parser::parse_load}}};

std::string Parser::unknown(const Token& token) {
  constexpr std::size_t far = 3;  // nearer is a slip of the finger
  std::string known;
  std::pair<std::size_t, std::string_view> nearest{far, ""};
  for (const Statement& statement : statements) {
    // More letters than that are far in any case.
    const std::string_view start = std::string_view(token.text).substr(0, statement.word.size() + far);
    nearest = std::min(nearest, {base::compute_edit_distance(start, statement.word), statement.word});
    known += (known.empty() ? "" : ", ") + std::string(statement.word);
  }
  const std::string meant = nearest.first < far ? "; did you mean '" + std::string(nearest.second) + "'?"
                                                : "; a line begins with one of: " + known;
  return "unknown statement '" + token.text + '\'' + meant;
}

std::string Parser::parse(std::string_view line, Place place) {
  const TokenLine split = parse_tokens(line);
  if (!split.fault.empty()) return split.fault;
  if (split.tokens.empty()) return "";
  const Token& first = split.tokens.front();
  const auto statement = std::find_if(statements.begin(), statements.end(), [&first](const Statement& known) {
    return first == Token{Token::Kind::word, std::string(known.word)};
  });
  if (statement == statements.end()) return unknown(first);
  return (this->*statement->parse)(std::span(split.tokens).subspan(1), place);
}

std::string Parser::parse_load(std::span<const Token> arguments, Place place) {
  const std::string meant = "; meant is: load EXECUTABLE-GLOB -> LIBRARY-GLOB";
  const auto arrows = std::count_if(arguments.begin(), arguments.end(), is_arrow);
  if (arrows == 0) {
    const bool stuck = std::any_of(arguments.begin(), arguments.end(),
                                   [](const Token& token) { return token.text.find("->") != std::string::npos; });
    return (stuck ? "'->' needs blanks around it" : "'->' is missing") + meant;
  }
  if (arrows > 1) return "more than one '->'" + meant;
  if (is_arrow(arguments.front())) return "no executable before '->'" + meant;
  if (is_arrow(arguments.back())) return "no library after '->'" + meant;
  if (arguments.size() != 3)
    return "more than one name beside '->'; a name with blanks is put in double quotes" + meant;
  for (const Token* const token : {&arguments.front(), &arguments.back()}) {
    if (std::string fault = check_glob(token->text); !fault.empty()) return fault;
  }
  const EarlierLoad rule{arguments.front().text, arguments.back().text, spell(place.file, place.line)};
  const auto [known, is_new] = loads_.insert(rule);
  if (!is_new) return "the same stands at " + known->place;
  rules_.loads.push_back({rule.executables, rule.libraries, std::string(place.file), place.line});
  return "";
}

}  // namespace

std::vector<base::Error> parse_rules(std::string_view text, std::string_view name, Rules& rules) {
  std::vector<base::Error> errors;
  Parser parser(rules);
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (std::string fault = parser.parse(line, {name, number}); !fault.empty()) {
      errors.push_back({"use", spell(name, number), std::move(fault)});
    }
  }
  return errors;
}

}  // namespace revdep::config
