#include <array>
#include <cstdio>
#include <optional>
#include <utility>

#include "audit/remedy.h"
#include "audit/rules.h"
#include "audit/wording.h"
#include "base/escape.h"
#include "migrate/letters.h"

namespace revdep::audit {
namespace {

using pax::Letter;
using pax::Marking;
using pax::Setting;

// Letters that stand in one case only; of the other bytes nothing can be made. Twice is once.
Marking guess_xattr(std::string_view bytes) {
  Marking guess;
  for (const Letter letter : pax::letters) {
    const bool on = bytes.find(pax::format_letter(letter, Setting::on)) != std::string_view::npos;
    const bool off = bytes.find(pax::format_letter(letter, Setting::off)) != std::string_view::npos;
    if (on != off) guess.set(letter, on ? Setting::on : Setting::off);
  }
  return guess;
}

bool has_bits(std::uint32_t p_flags, Letter letter, Setting setting) {
  Marking alone;
  alone.set(letter, setting);
  return (p_flags & pax::format_header(alone, 0)) != 0;
}

// What it says of letters without saying the opposite as well, and which letters those are.
Marking guess_header(std::uint32_t p_flags, std::string& contradicted) {
  Marking guess;
  for (const Letter letter : pax::letters) {
    const bool on = has_bits(p_flags, letter, Setting::on);
    const bool off = has_bits(p_flags, letter, Setting::off);
    if (on != off) guess.set(letter, on ? Setting::on : Setting::off);
    if (on && off) contradicted += (contradicted.empty() ? "" : ", ") + pax::format_letter(letter, Setting::on);
  }
  return guess;
}

struct Void {
  std::string fault;  // one clause
  Marking guess;
};

std::optional<Void> look_at_xattr(const std::optional<std::string>& value) {
  if (!value || pax::parse_letters(*value)) return std::nullopt;
  const char* const more = value->size() > pax::xattr_limit ? "..." : "";
  return Void{"its xattr \"" + base::escape_to_ascii(*value) + more + "\" is malformed", guess_xattr(*value)};
}

std::optional<Void> look_at_header(const std::optional<std::uint32_t>& p_flags) {
  if (!p_flags || pax::parse_header(*p_flags)) return std::nullopt;
  std::string contradicted;
  const Marking guess = guess_header(*p_flags, contradicted);
  std::array<char, 32> number{};
  std::snprintf(number.data(), number.size(), "0x%x", *p_flags);
  return Void{std::string("its header ") + number.data() + " switches " + contradicted + " both on and off", guess};
}

std::optional<Mend> mend_by_guess(const Context& context, const Subject& subject, Marking guess) {
  if (guess.empty()) return mend_by_clearing(context, subject);
  if (guess.get(Letter::E) == Setting::unset) guess.set(Letter::E, Setting::off);
  auto mend = mend_by_setting(context, subject, guess);
  return mend ? mend : mend_by_clearing(context, subject);
}

}  // namespace

void check_void_marking(const Context& context, const Subject& subject, std::vector<Finding>& findings) {
  if (!subject.executable && !subject.library) return;
  const std::optional<Void> xattr = look_at_xattr(subject.stores.xattr);
  const std::optional<Void> header = look_at_header(subject.stores.header);
  if (!xattr && !header) return;
  Finding finding = begin_marking_finding(Rule::void_marking, subject);
  std::string fault = xattr ? xattr->fault : header->fault;
  if (xattr && header) fault += ", and " + header->fault;
  const Marking guess = xattr && !xattr->guess.empty() ? xattr->guess : header ? header->guess : Marking{};
  finding.cause = fault;
  finding.message = fault + ", so the kernel ignores it";
  if (!guess.empty()) finding.message += "; " + spell(guess) + " was probably meant";
  const std::optional<Marking> own = pax::own_marking(subject.stores);
  if (own) finding.message += std::string("; the ") + (xattr ? "header" : "xattr") + " says " + spell(*own);
  finding.mend = own ? mend_by_agreeing(context, subject) : mend_by_guess(context, subject, guess);
  findings.push_back(std::move(finding));
}

}  // namespace revdep::audit
