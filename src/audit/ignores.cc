#include "audit/ignores.h"

#include <fnmatch.h>

#include <algorithm>

namespace revdep::audit {
namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// Up to a '#' that begins the line or stands behind a blank.
std::string_view without_comment(std::string_view line) {
  for (std::size_t at = line.find('#'); at != std::string_view::npos; at = line.find('#', at + 1)) {
    if (at == 0 || blanks.find(line[at - 1]) != std::string_view::npos) return line.substr(0, at);
  }
  return line;
}

}  // namespace

Ignores Ignores::parse(std::string_view text, const std::string& name, std::vector<base::Error>& errors) {
  Ignores ignores;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trim(without_comment(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    const std::string place = name + ':' + std::to_string(number);
    const std::size_t blank = std::min(line.find_first_of(blanks), line.size());
    const RuleInfo* const rule = find_rule(line.substr(0, blank));
    const std::string_view glob = trim(line.substr(blank));
    if (rule == nullptr) {
      errors.push_back({"read", place, "there is no rule '" + std::string(line.substr(0, blank)) + "'"});
    } else if (glob.empty()) {
      errors.push_back({"read", place, "a path or glob is missing behind the rule"});
    } else {
      ignores.entries_.push_back({rule->rule, std::string(glob), place});
    }
  }
  return ignores;
}

std::size_t Ignores::apply(std::vector<Finding>& findings) {
  return std::erase_if(findings, [this](const Finding& finding) {
    bool ignored = false;
    for (Entry& entry : entries_) {
      if (entry.rule != finding.rule || ::fnmatch(entry.glob.c_str(), finding.object.c_str(), 0) != 0) continue;
      entry.used = ignored = true;
    }
    return ignored;
  });
}

std::vector<base::Error> Ignores::unused() const {
  std::vector<base::Error> errors;
  for (const Entry& entry : entries_) {
    if (!entry.used) errors.push_back({"use", entry.place, "it ignores nothing"});
  }
  return errors;
}

}  // namespace revdep::audit
