// PaX letters and the three ways in which a file stores them: PT_PAX_FLAGS, user.pax.flags, EI_PAX. Pure.
// The rules are those of the kernel's loader (grsecurity/PaX 3.12.8 to 4.9), not of any man page.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace revdep::pax {

/// In the order in which markings are printed: PAGEEXEC, EMUTRAMP, MPROTECT, RANDMMAP, SEGMEXEC.
enum class Letter : std::uint8_t { P, E, M, R, S };

inline constexpr std::array<Letter, 5> letters = {Letter::P, Letter::E, Letter::M, Letter::R, Letter::S};

enum class Setting : std::uint8_t { unset, off, on };

/// The letters that one store carries: each of the five on (upper case), off (lower case) or unset.
class Marking {
 public:
  [[nodiscard]] constexpr Setting get(Letter letter) const {
    const auto bit = mask(letter);
    return (on_ & bit) != 0 ? Setting::on : (off_ & bit) != 0 ? Setting::off : Setting::unset;
  }
  constexpr void set(Letter letter, Setting setting) {
    const auto bit = mask(letter);
    on_ = static_cast<std::uint8_t>(setting == Setting::on ? on_ | bit : on_ & ~bit);
    off_ = static_cast<std::uint8_t>(setting == Setting::off ? off_ | bit : off_ & ~bit);
  }
  [[nodiscard]] constexpr bool empty() const { return on_ == 0 && off_ == 0; }
  friend constexpr bool operator==(Marking, Marking) = default;

 private:
  static constexpr std::uint8_t mask(Letter letter) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(letter));
  }

  std::uint8_t on_ = 0;
  std::uint8_t off_ = 0;
};

/// Name of the extended attribute.
inline constexpr const char* xattr_name = "user.pax.flags";
/// p_type of the program header.
inline constexpr std::uint32_t pt_pax_flags = 0x65041580;
/// The longest value that the kernel parses; a longer one is void.
inline constexpr std::size_t xattr_limit = 5;

/// Five columns, '-' for unset: "-em--".
std::string format_columns(Marking marking);
/// Letters only, in the order PEMRS: "em". The bytes of a user.pax.flags value.
std::string format_letters(Marking marking);
/// "m" for off, "M" for on, "" for unset.
std::string format_letter(Letter letter, Setting setting);
/// The inverse of format_letters in any order. nullopt: void (an unknown byte, a letter twice, more than five bytes).
std::optional<Marking> parse_letters(std::string_view bytes);

/// p_flags of PT_PAX_FLAGS. RANDEXEC and bits without meaning are ignored. nullopt: both bits of one letter are set,
/// which voids the header.
std::optional<Marking> parse_header(std::uint32_t p_flags);
/// `old` with the ten bits of the five letters replaced by `marking`'s; every other bit stays.
std::uint32_t format_header(Marking marking, std::uint32_t old);

/// e_ident[14] of a kernel with CONFIG_PAX_EI_PAX: always valid; 0 says nothing.
/// E and M count only while PAGEEXEC or SEGMEXEC is left on.
Marking parse_ei(std::uint8_t ei_pax);

/// What one file carries, as read. An absent store is nullopt; a void one is kept, so that it can be shown.
struct Stores {
  std::optional<std::string> xattr;     ///< raw bytes; longer values cut to xattr_limit + 1, which is as void
  std::optional<std::uint32_t> header;  ///< p_flags of the first PT_PAX_FLAGS
  std::uint8_t ei_pax = 0;              ///< e_ident[14]
  friend bool operator==(const Stores&, const Stores&) = default;
};

/// The file's own marking: its first valid store of xattr, header. nullopt: it has none.
std::optional<Marking> own_marking(const Stores& stores);

}  // namespace revdep::pax
