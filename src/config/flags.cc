#include "config/flags.h"

#include <algorithm>
#include <cctype>
#include <optional>

namespace revdep::config {
namespace {

constexpr std::string_view known = "PEMRSpemrs";

// What is wrong with letters that pax::parse_letters() does not take.
std::string find_fault(std::string_view word) {
  for (std::size_t at = 0; at < word.size(); ++at) {
    const char letter = word[at];
    if (known.find(letter) == std::string_view::npos) {
      return "they are one to five of PEMRS, upper case on, lower case off, each once";
    }
    const auto is_same = [letter](char other) { return (other ^ letter) == 0 || (other ^ letter) == ('a' ^ 'A'); };
    const std::string_view rest = word.substr(at + 1);
    const auto again = std::ranges::find_if(rest, is_same);
    if (again == rest.end()) continue;
    const std::string name(1, letter);
    if (*again == letter) return '\'' + name + "' stands twice";
    return '\'' + name + "' and '" + *again + "' contradict each other";
  }
  return "there are none";
}

}  // namespace

Flags parse_flags(std::string_view word) {
  const std::optional<pax::Marking> letters = pax::parse_letters(word);
  if (letters && !letters->empty()) return {*letters, ""};
  // The columns in which markings are printed.
  std::string bare(word);
  std::erase(bare, '-');
  const std::string start = '\'' + std::string(word) + "' are no flags: ";
  if (bare.size() != word.size()) {
    const Flags meant = parse_flags(bare);
    if (meant.fault.empty()) return {{}, start + "leave out the dashes, as in '" + bare + '\''};
  }
  return {{}, start + find_fault(word)};
}

AskedFlags parse_asked_flags(std::string_view word) {
  const Flags flags = parse_flags(word);
  if (!flags.fault.empty()) return {{}, flags.fault};
  const pax::Relaxations asked = pax::asked_by(flags.letters);
  if (pax::as_marking(asked) == flags.letters) return {asked, ""};
  pax::Marking idle = flags.letters;
  for (const pax::Letter letter : pax::letters) {
    if (asked.asks(letter)) idle.set(letter, pax::Setting::unset);
  }
  return {{},
          '\'' + pax::format_letters(idle) + "' in '" + std::string(word) +
              "' relaxes nothing: what can be asked for is p, E, m, r and s"};
}

}  // namespace revdep::config
