// Rule files from any bytes: a line gives a rule or an error, never both; a rule spelled out again is the same rule.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/matching.h"
#include "config/rules.h"
#include "config/tokens.h"

namespace {

using revdep::config::format_word;
using revdep::config::Ignore;
using revdep::config::Load;
using revdep::config::Mark;
using revdep::config::Require;
using revdep::config::Rules;

void expect(bool holds) {
  if (!holds) __builtin_trap();
}

std::string spell(const Mark& rule) { return format_rule(rule); }
std::string spell(const Ignore& rule) { return "ignore " + format_word(rule.glob); }
std::string spell(const Load& rule) {
  return "load " + format_word(rule.executables) + " -> " + format_word(rule.libraries);
}
std::string spell(const Require& rule) {
  return "require " + format_word(rule.glob) + ' ' + revdep::pax::format_letters(revdep::pax::as_marking(rule.asked));
}

std::vector<std::string> spell_all(const Rules& rules) {
  std::vector<std::string> lines;
  for (const Mark& rule : rules.marks) lines.push_back(spell(rule));
  for (const Ignore& rule : rules.ignores) lines.push_back(spell(rule));
  for (const Require& rule : rules.requirements) lines.push_back(spell(rule));
  for (const Load& rule : rules.loads) lines.push_back(spell(rule));
  return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Rules rules;
  const auto errors = revdep::config::parse_rules(text, "a.conf", rules);
  const auto count = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  const std::vector<std::string> lines = spell_all(rules);
  expect(errors.size() + lines.size() <= count);
  std::string again;
  for (const std::string& line : lines) again += line + '\n';
  Rules spelled;
  expect(revdep::config::parse_rules(again, "b.conf", spelled).empty());
  expect(spell_all(spelled) == lines);
  expect(revdep::config::parse_rules(again, "b.conf", spelled).size() == lines.size());
  for (const Mark& mark : rules.marks) {
    if (mark.glob.find_first_of("*?[\\") != std::string::npos) continue;
    const auto ruling = revdep::config::find_ruling(rules, mark.glob);
    expect(ruling.mark != nullptr || ruling.ignore != nullptr);
  }
  return 0;
}
