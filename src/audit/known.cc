#include "audit/known.h"

#include <fnmatch.h>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace revdep::audit {
namespace {

constexpr std::string_view blanks = " \t\r";

// Cuts leading blanks and returns the word before the next one; "" at the end.
std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(blanks));
  line.remove_prefix(word.size());
  return word;
}

bool is_path(std::string_view pattern) { return pattern.find('/') != std::string_view::npos; }

// Letters all of which relax something; nullopt: there are others, or none.
std::optional<pax::Relaxations> parse_relaxations(std::string_view word) {
  const std::optional<pax::Marking> marking = pax::parse_letters(word);
  if (!marking || marking->empty()) return std::nullopt;
  const pax::Relaxations asked = pax::asked_by(*marking);
  return pax::as_marking(asked) == *marking ? std::optional(asked) : std::nullopt;
}

bool parse_flags(std::string_view word, Known& known) {
  if (word == "-") return true;
  const std::size_t bar = word.find('|');
  const auto flags = parse_relaxations(word.substr(0, bar));
  const auto instead = bar == std::string_view::npos ? flags : parse_relaxations(word.substr(bar + 1));
  if (!flags || !instead) return false;
  known.flags = *flags;
  known.without_emutramp = *instead;
  return instead == flags || (flags->asks(pax::Letter::E) && !instead->asks(pax::Letter::E));
}

// "2026-11": a year and a month.
bool is_date(std::string_view word) {
  constexpr std::string_view shape = "dddd-dd";
  const auto fits = [](char character, char wanted) {
    return wanted == 'd' ? character >= '0' && character <= '9' : character == wanted;
  };
  if (!std::equal(word.begin(), word.end(), shape.begin(), shape.end(), fits)) return false;
  const std::string_view month = word.substr(5);
  return month >= "01" && month <= "12";
}

// "": nothing is wrong.
std::string parse_entry(std::string_view line, Known& known) {
  if (line.find('\0') != std::string_view::npos) return "it holds a NUL byte";
  known.pattern = take_word(line);
  if (is_path(known.pattern) && !known.pattern.starts_with('/')) {
    return "'" + known.pattern + "' is neither a soname nor a path that begins with /";
  }
  const std::string flags(take_word(line));
  if (flags.empty()) return "the flags are missing: PATTERN FLAGS DATE EVIDENCE";
  if (!parse_flags(flags, known)) {
    return "'" + flags + "' are no flags: p, E, m, r, s, or a choice like E|m without EMUTRAMP, or - for none";
  }
  known.date = take_word(line);
  if (!is_date(known.date)) {
    return known.date.empty() ? "the date is missing: PATTERN FLAGS DATE EVIDENCE"
                              : "'" + known.date + "' is no date: a year and a month, like 2026-11";
  }
  line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
  known.evidence = line.substr(0, line.find_last_not_of(blanks) + 1);
  return known.evidence.empty() ? "the evidence is missing: PATTERN FLAGS DATE EVIDENCE" : "";
}

// A wildcard matches no slash, and no soname is "".
bool fits(const std::string& pattern, std::string_view prefix, const std::string& soname, const std::string& path) {
  if (is_path(pattern)) {
    return path.starts_with(prefix) && ::fnmatch(pattern.c_str(), path.c_str(), FNM_PATHNAME) == 0;
  }
  return !soname.empty() && soname.starts_with(prefix) && ::fnmatch(pattern.c_str(), soname.c_str(), 0) == 0;
}

}  // namespace

std::vector<base::Error> KnownList::add(std::string_view text, std::string_view name) {
  std::vector<base::Error> errors;
  std::vector<Entry> entries;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t start = line.find_first_not_of(blanks);
    if (start == std::string_view::npos || line[start] == '#') continue;
    Known known;
    std::string fault = parse_entry(line, known);
    if (fault.empty()) {
      std::string prefix = known.pattern.substr(0, known.pattern.find_first_of("*?[\\"));
      entries.push_back({std::move(known), std::move(prefix)});
    } else {
      errors.push_back({"use", std::string(name) + ':' + std::to_string(number), std::move(fault)});
    }
  }
  texts_.push_back(std::move(entries));
  return errors;
}

const Known* KnownList::find(std::string_view soname, std::string_view path) const {
  const std::string asked_soname(soname);
  const std::string asked_path(path);
  for (auto entries = texts_.rbegin(); entries != texts_.rend(); ++entries) {
    const auto found = std::find_if(entries->begin(), entries->end(), [&](const Entry& entry) {
      return fits(entry.known.pattern, entry.prefix, asked_soname, asked_path);
    });
    if (found != entries->end()) return &found->known;
  }
  return nullptr;
}

}  // namespace revdep::audit
