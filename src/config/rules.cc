#include "config/rules.h"

#include <map>
#include <type_traits>
#include <utility>
#include <variant>

#include "config/lines.h"
#include "config/statement.h"
#include "config/tokens.h"

namespace revdep::config {
namespace {

std::string spell(std::string_view file, std::size_t line) { return std::string(file) + ':' + std::to_string(line); }

// What a rule is about, of which there is one rule only, and what it says of that. A word holds no NUL byte.
struct Content {
  std::string subject;
  std::string line;
};

Content content(const Mark& rule) { return {"file " + rule.glob, format_rule(rule)}; }
Content content(const Ignore& rule) { return {"file " + rule.glob, "ignore " + format_word(rule.glob)}; }
Content content(const Require& rule) {
  return {"require " + rule.glob + '\0' + pax::format_letters(pax::as_marking(rule.asked)), ""};
}
Content content(const Load& rule) { return {"load " + rule.executables + '\0' + rule.libraries, ""}; }

class Collector {
 public:
  explicit Collector(Rules& rules) : rules_(rules) {
    note_all(rules.marks);
    note_all(rules.ignores);
    note_all(rules.requirements);
    note_all(rules.loads);
  }

  // Why the rule is left out; "": it is not.
  std::string operator()(std::monostate /*nothing*/) { return ""; }
  template <class Rule>
  std::string operator()(Rule& rule) {
    if (std::string fault = note(rule); !fault.empty()) return fault;
    add(std::move(rule));
    return "";
  }

 private:
  struct Earlier {
    std::string line;
    std::string place;
  };

  template <class Rule>
  void note_all(const std::vector<Rule>& rules) {
    for (const Rule& rule : rules) note(rule);
  }

  template <class Rule>
  std::string note(const Rule& rule) {
    Content said = content(rule);
    const auto [known, is_new] =
        earlier_.try_emplace(std::move(said.subject), Earlier{said.line, spell(rule.file, rule.line)});
    if (is_new) return "";
    const Earlier& first = known->second;
    if (first.line == said.line) return "the same stands at " + first.place;
    return "it contradicts " + first.place + ", which holds: " + first.line;
  }

  void add(Mark rule) {
    rule.rank = rules_.marks.size() + rules_.ignores.size();
    rules_.marks.push_back(std::move(rule));
  }
  void add(Ignore rule) {
    rule.rank = rules_.marks.size() + rules_.ignores.size();
    rules_.ignores.push_back(std::move(rule));
  }
  void add(Require rule) { rules_.requirements.push_back(std::move(rule)); }
  void add(Load rule) { rules_.loads.push_back(std::move(rule)); }

  Rules& rules_;
  std::map<std::string, Earlier> earlier_;
};

void set_place(Statement& statement, std::string_view file, std::size_t line) {
  std::visit(
      [&](auto& rule) {
        if constexpr (!std::is_same_v<decltype(rule), std::monostate&>) {
          rule.file = file;
          rule.line = line;
        }
      },
      statement);
}

}  // namespace

std::vector<base::Error> parse_rules(std::string_view text, std::string_view name, Rules& rules) {
  std::vector<base::Error> errors;
  Collector collect(rules);
  for_each_line(text, [&](std::string_view line, std::size_t number) {
    StatementLine parsed = parse_statement(line);
    set_place(parsed.statement, name, number);
    if (parsed.fault.empty()) parsed.fault = std::visit(collect, parsed.statement);
    if (!parsed.fault.empty()) errors.push_back({"use", spell(name, number), std::move(parsed.fault)});
  });
  return errors;
}

std::string format_rule(const Mark& mark) {
  return "mark " + format_word(mark.glob) + ' ' + pax::format_letters(mark.letters) + (mark.nonroot ? " nonroot" : "");
}

}  // namespace revdep::config
