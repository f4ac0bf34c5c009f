#include "pax/marking.h"

namespace revdep::pax {
namespace {

constexpr std::string_view upper = "PEMRS";
constexpr std::string_view lower = "pemrs";

// Position of each letter's enable bit in p_flags, in the order of `letters`; its disable bit is the next one.
constexpr std::array<unsigned, 5> header_bits = {4, 12, 8, 14, 6};

constexpr std::uint32_t enable_bit(Letter letter) { return 1U << header_bits[static_cast<std::size_t>(letter)]; }
constexpr std::uint32_t disable_bit(Letter letter) { return enable_bit(letter) << 1U; }

char character(Letter letter, Setting setting) {
  const auto index = static_cast<std::size_t>(letter);
  return setting == Setting::on ? upper[index] : lower[index];
}

}  // namespace

std::string format_columns(Marking marking) {
  std::string text;
  for (const Letter letter : letters) {
    const Setting setting = marking.get(letter);
    text += setting == Setting::unset ? '-' : character(letter, setting);
  }
  return text;
}

std::string format_letters(Marking marking) {
  std::string text;
  for (const Letter letter : letters) {
    const Setting setting = marking.get(letter);
    if (setting != Setting::unset) text += character(letter, setting);
  }
  return text;
}

std::string format_letter(Letter letter, Setting setting) {
  Marking alone;
  alone.set(letter, setting);
  return format_letters(alone);
}

std::optional<Marking> parse_letters(std::string_view bytes) {
  if (bytes.size() > xattr_limit) return std::nullopt;
  Marking marking;
  for (const char byte : bytes) {
    const bool is_on = upper.find(byte) != std::string_view::npos;
    const std::size_t index = (is_on ? upper : lower).find(byte);
    if (index == std::string_view::npos) return std::nullopt;
    const auto letter = static_cast<Letter>(index);
    if (marking.get(letter) != Setting::unset) return std::nullopt;
    marking.set(letter, is_on ? Setting::on : Setting::off);
  }
  return marking;
}

std::optional<Marking> parse_header(std::uint32_t p_flags) {
  Marking marking;
  for (const Letter letter : letters) {
    const bool on = (p_flags & enable_bit(letter)) != 0;
    const bool off = (p_flags & disable_bit(letter)) != 0;
    if (on && off) return std::nullopt;
    marking.set(letter, on ? Setting::on : off ? Setting::off : Setting::unset);
  }
  return marking;
}

std::uint32_t format_header(Marking marking, std::uint32_t old) {
  std::uint32_t p_flags = old;
  for (const Letter letter : letters) {
    p_flags &= ~(enable_bit(letter) | disable_bit(letter));
    const Setting setting = marking.get(letter);
    if (setting == Setting::on) p_flags |= enable_bit(letter);
    if (setting == Setting::off) p_flags |= disable_bit(letter);
  }
  return p_flags;
}

Marking parse_ei(std::uint8_t ei_pax) {
  constexpr unsigned pageexec_off = 1, emutramp_on = 2, mprotect_off = 4, randmmap_off = 8, segmexec_off = 32;
  Marking marking;
  if ((ei_pax & pageexec_off) != 0) marking.set(Letter::P, Setting::off);
  if ((ei_pax & segmexec_off) != 0) marking.set(Letter::S, Setting::off);
  if ((ei_pax & randmmap_off) != 0) marking.set(Letter::R, Setting::off);
  if ((ei_pax & pageexec_off) == 0 || (ei_pax & segmexec_off) == 0) {
    if ((ei_pax & emutramp_on) != 0) marking.set(Letter::E, Setting::on);
    if ((ei_pax & mprotect_off) != 0) marking.set(Letter::M, Setting::off);
  }
  return marking;
}

std::optional<Marking> own_marking(const Stores& stores) {
  if (stores.xattr) {
    if (const auto marking = parse_letters(*stores.xattr)) return marking;
  }
  if (stores.header) return parse_header(*stores.header);
  return std::nullopt;
}

}  // namespace revdep::pax
