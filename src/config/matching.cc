#include "config/matching.h"

#include <string>

#include "config/glob.h"

namespace revdep::config {
namespace {

// Rules of one kind stand in the order of their ranks.
template <class Rule>
const Rule* find_first(const std::vector<Rule>& rules, const std::string& path) {
  const Rule* first = nullptr;
  for (const Rule& rule : rules) {
    if (!matches(rule.glob, path)) continue;
    if (is_plain(rule.glob)) return &rule;
    if (first == nullptr) first = &rule;
  }
  return first;
}

}  // namespace

Ruling find_ruling(const Rules& rules, std::string_view path) {
  const std::string asked(path);
  const Mark* const mark = find_first(rules.marks, asked);
  const Ignore* const ignore = find_first(rules.ignores, asked);
  if (mark == nullptr || ignore == nullptr) return {mark, ignore};
  const bool mark_is_plain = is_plain(mark->glob);
  const bool marks = mark_is_plain == is_plain(ignore->glob) ? mark->rank < ignore->rank : mark_is_plain;
  return marks ? Ruling{mark, nullptr} : Ruling{nullptr, ignore};
}

std::vector<const Require*> find_requirements(const Rules& rules, std::string_view library) {
  const std::string asked(library);
  std::vector<const Require*> found;
  for (const Require& rule : rules.requirements) {
    if (matches(rule.glob, asked)) found.push_back(&rule);
  }
  return found;
}

}  // namespace revdep::config
