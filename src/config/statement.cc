#include "config/statement.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "config/flags.h"
#include "config/glob.h"
#include "config/nearest.h"
#include "config/tokens.h"

namespace revdep::config {
namespace {

using Arguments = std::span<const Token>;

constexpr std::string_view quote_it = "a name with blanks is put in double quotes";

StatementLine at_fault(std::string fault) { return {{}, std::move(fault)}; }

bool is_arrow(const Token& token) { return token.kind == Token::Kind::arrow; }
bool is_path(const Token& token) { return token.text.starts_with('/'); }
bool is_flags(const Token& token) { return parse_flags(token.text).fault.empty(); }

// `NAME FLAGS`, which begins the arguments of a statement that has at most `most`. "": nothing is wrong.
std::string check_name_and_flags(Arguments arguments, std::size_t most, std::string_view statement,
                                 const std::string& meant) {
  if (std::ranges::any_of(arguments, is_arrow)) return "'->' is for load rules" + meant;
  if (arguments.empty()) return "path and flags are missing" + meant;
  const Token& name = arguments[0];
  if (arguments.size() > 1 && !is_path(name) && is_flags(name) && is_path(arguments[1])) {
    return "the path comes before the flags: " + std::string(statement) + ' ' + format_word(arguments[1].text) + ' ' +
           name.text;
  }
  if (std::string fault = check_glob(name.text); !fault.empty()) return fault;
  if (arguments.size() == 1) return "the flags are missing" + meant;
  if (!is_flags(arguments[1]) && std::ranges::any_of(arguments.subspan(2), is_flags)) {
    return "more than one name before the flags; " + std::string(quote_it) + meant;
  }
  if (arguments.size() > most) return '\'' + arguments[most].text + "' is too much" + meant;
  return "";
}

StatementLine parse_mark(Arguments arguments) {
  const std::string meant = "; meant is: mark PATH-OR-GLOB FLAGS [nonroot]";
  if (std::string fault = check_name_and_flags(arguments, 3, "mark", meant); !fault.empty()) return at_fault(fault);
  const Flags flags = parse_flags(arguments[1].text);
  if (!flags.fault.empty()) return at_fault(flags.fault);
  const bool nonroot = arguments.size() == 3;
  if (nonroot && arguments[2].text != "nonroot") {
    return at_fault('\'' + arguments[2].text + "' stands where only 'nonroot' can" + meant);
  }
  return {Mark{arguments[0].text, flags.letters, nonroot, 0, "", 0}, ""};
}

StatementLine parse_require(Arguments arguments) {
  const std::string meant = "; meant is: require LIBRARY-GLOB FLAGS";
  if (std::string fault = check_name_and_flags(arguments, 2, "require", meant); !fault.empty()) return at_fault(fault);
  AskedFlags flags = parse_asked_flags(arguments[1].text);
  if (!flags.fault.empty()) return at_fault(std::move(flags.fault));
  return {Require{arguments[0].text, flags.asked, "", 0}, ""};
}

StatementLine parse_ignore(Arguments arguments) {
  const std::string meant = "; meant is: ignore PATH-OR-GLOB";
  if (arguments.empty()) return at_fault("the path is missing" + meant);
  if (arguments.size() > 1) return at_fault("more than one name; " + std::string(quote_it) + meant);
  if (std::string fault = check_glob(arguments[0].text); !fault.empty()) return at_fault(std::move(fault));
  return {Ignore{arguments[0].text, 0, "", 0}, ""};
}

StatementLine parse_load(Arguments arguments) {
  const std::string meant = "; meant is: load EXECUTABLE-GLOB -> LIBRARY-GLOB";
  const auto arrows = std::ranges::count_if(arguments, is_arrow);
  if (arrows == 0) {
    const bool stuck =
        std::ranges::any_of(arguments, [](const Token& token) { return token.text.find("->") != std::string::npos; });
    return at_fault((stuck ? "'->' needs blanks around it" : "'->' is missing") + meant);
  }
  if (arrows > 1) return at_fault("more than one '->'" + meant);
  if (is_arrow(arguments.front())) return at_fault("no executable before '->'" + meant);
  if (is_arrow(arguments.back())) return at_fault("no library after '->'" + meant);
  if (arguments.size() != 3) return at_fault("more than one name beside '->'; " + std::string(quote_it) + meant);
  for (const Token* const token : {&arguments.front(), &arguments.back()}) {
    if (std::string fault = check_glob(token->text); !fault.empty()) return at_fault(std::move(fault));
  }
  return {Load{arguments.front().text, arguments.back().text, "", 0}, ""};
}

constexpr std::array<std::string_view, 4> words = {"mark", "require", "ignore", "load"};
constexpr std::array<StatementLine (*)(Arguments), words.size()> parsers = {parse_mark, parse_require, parse_ignore,
                                                                            parse_load};

std::string unknown(Arguments tokens) {
  const std::string start = "unknown statement '" + tokens[0].text + '\'';
  // The line of another program's list.
  if (tokens.size() > 1) {
    const bool path_first = is_path(tokens[0]) && is_flags(tokens[1]);
    if (path_first || (is_flags(tokens[0]) && is_path(tokens[1]))) {
      return start + "; did you mean 'mark " + format_word(tokens[path_first ? 0 : 1].text) + ' ' +
             tokens[path_first ? 1 : 0].text + "'?";
    }
  }
  return start + suggest_name(tokens[0].text, words, "a line begins with one of");
}

}  // namespace

StatementLine parse_statement(std::string_view line) {
  const TokenLine split = parse_tokens(line);
  if (!split.fault.empty()) return at_fault(split.fault);
  if (split.tokens.empty()) return {};
  const Token& first = split.tokens.front();
  const auto word = std::ranges::find(words, first.text);
  if (word == words.end() || is_arrow(first)) return at_fault(unknown(split.tokens));
  return parsers[static_cast<std::size_t>(word - words.begin())](Arguments(split.tokens).subspan(1));
}

}  // namespace revdep::config
