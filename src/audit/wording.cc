#include "audit/wording.h"

#include <array>
#include <cstdio>
#include <utility>

#include "base/escape.h"
#include "pax/verdict.h"

namespace revdep::audit {
namespace {

using pax::Letter;

constexpr std::array<std::string_view, 5> features = {"PAGEEXEC", "EMUTRAMP", "MPROTECT", "RANDMMAP", "SEGMEXEC"};

std::string describe_xattr(const std::string& value) {
  if (const auto marking = pax::parse_letters(value)) return "xattr says " + spell(*marking);
  return "xattr \"" + base::escape_to_ascii(value) + "\" is malformed";
}

std::string describe_header(std::uint32_t p_flags) {
  if (const auto marking = pax::parse_header(p_flags)) return "header says " + spell(*marking);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "header 0x%x is malformed", p_flags);
  return text.data();
}

}  // namespace

Finding begin_finding(Rule rule, const Subject& subject) {
  Finding finding;
  finding.rule = rule;
  finding.severity = info(rule).severity;
  finding.object = subject.path;
  finding.package = subject.package;
  return finding;
}

Finding begin_marking_finding(Rule rule, const Subject& subject) {
  Finding finding = begin_finding(rule, subject);
  finding.stores = subject.stores;
  if (subject.executable) {
    finding.verdict = subject.verdict.refused ? "refused" : pax::format_effective(subject.verdict.effective);
  }
  return finding;
}

std::string spell(pax::Relaxations asked) { return pax::format_letters(pax::as_marking(asked)); }

std::string spell(pax::Marking marking) { return marking.empty() ? "nothing" : pax::format_letters(marking); }

std::string describe_ungranted(pax::Relaxations letters) {
  std::string on;
  for (const Letter letter : pax::letters) {
    if (letter == Letter::E || !letters.asks(letter)) continue;
    on += (on.empty() ? "" : ", ") + std::string(features.at(static_cast<std::size_t>(letter)));
  }
  std::string text = "leaves ";
  if (!on.empty()) text += on + " on";
  if (letters.asks(Letter::E)) text += std::string(on.empty() ? "" : " and ") + "EMUTRAMP off";
  return text;
}

std::string describe_stores(const pax::Stores& stores) {
  std::string text;
  if (stores.header) text = describe_header(*stores.header);
  if (stores.xattr) text += (text.empty() ? "" : ", ") + describe_xattr(*stores.xattr);
  return text;
}

std::string describe_reach(const Subject& subject) {
  std::string text = std::to_string(subject.executables);
  text += subject.executables == 1 ? " executable loads it" : " executables load it";
  if (subject.privileged_executables != 0) {
    text += ", " + std::to_string(subject.privileged_executables) + " of them privileged";
  }
  return text;
}

Mend command(const Context& context, std::vector<std::string> words, Objects objects) {
  Mend mend;
  mend.words = {"revdep-pax"};
  mend.words.insert(mend.words.end(), context.options.begin(), context.options.end());
  for (std::string& word : words) mend.words.push_back(std::move(word));
  mend.takes_objects = objects == Objects::follow;
  return mend;
}

}  // namespace revdep::audit
