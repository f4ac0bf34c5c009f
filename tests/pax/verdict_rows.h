// Tables of stores and the set that a kernel gives them, and their comparison with judge(). Holds no expectation itself.
// The rows are worked out by hand; each names the rule of the kernel that gives it:
//   bits     p_flags: P 4/5, S 6/7, M 8/9, E 12/13, R 14/15 (enable/disable); RANDEXEC 10/11 and the rest are ignored
//   both     both bits of one letter void the header, S on amd64 included
//   void     an xattr with an unknown byte, a letter twice or more than five bytes does not count
//   hard     in hard mode a configured feature is on unless its disabling letter is there: no `e` means E on
//   soft     in soft mode it is off unless its enabling letter is there; E counts only with P or S
//   default  no valid marking: PeMR(S) in hard mode, nothing in soft mode
//   ei       bits P-off 1, E-on 2, M-off 4, R-off 8, S-off 32; E and M only while P or S is on; always valid, the weakest;
//            ignored in soft mode
//   aslr     randomize_va_space = 0 forces R off everywhere
//   differ   xattr and header, both valid, whose sets over the configured features differ are refused
//   first    else the first valid one of xattr, header, EI, defaults
//   nx       i386: P and S both on become P with NX, S without; this comes after `differ`
//   needs    M or E on without P or S is refused
//   old      kernels up to 3.11 ignore an empty xattr and give unmarked files the hard-mode defaults in soft mode too
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "pax/verdict.h"

namespace revdep::pax {

struct Row {
  const char* rule = nullptr;
  Stores stores;
  const char* expected = nullptr;  ///< Verdict::effective, or "refused"
};

inline void expect_all(const Kernel& kernel, std::span<const Row> rows) {
  for (const Row& row : rows) {
    const Verdict verdict = judge(row.stores, kernel);
    const std::string xattr = row.stores.xattr ? "'" + *row.stores.xattr + "'" : "absent";
    const std::string header = row.stores.header ? std::to_string(*row.stores.header) : "absent";
    EXPECT_EQ(verdict.refused ? "refused" : format_effective(verdict.effective), row.expected)
        << row.rule << ": xattr " << xattr << ", header " << header << ", EI " << unsigned{row.stores.ei_pax} << "; "
        << verdict.reason;
    EXPECT_FALSE(verdict.reason.empty()) << row.rule;
  }
}

inline Stores make(std::optional<std::string> xattr, std::optional<std::uint32_t> header, std::uint8_t ei_pax = 0) {
  return {std::move(xattr), header, ei_pax};
}
inline Stores xattr(std::string value, std::uint8_t ei_pax = 0) { return make(std::move(value), std::nullopt, ei_pax); }
inline Stores header(std::uint32_t p_flags, std::uint8_t ei_pax = 0) { return make(std::nullopt, p_flags, ei_pax); }
inline Stores both(std::uint32_t p_flags, std::string value, std::uint8_t ei_pax = 0) {
  return make(std::move(value), p_flags, ei_pax);
}
inline Stores ei(std::uint8_t byte) { return make(std::nullopt, std::nullopt, byte); }

// Bits of p_flags.
inline constexpr std::uint32_t on_p = 1U << 4, off_p = 1U << 5, on_s = 1U << 6, off_s = 1U << 7, on_m = 1U << 8,
                               off_m = 1U << 9, on_x = 1U << 10, off_x = 1U << 11, on_e = 1U << 12, off_e = 1U << 13,
                               on_r = 1U << 14, off_r = 1U << 15;

inline constexpr Kernel amd64 = {};
inline constexpr Kernel i386_nx = {.segmexec = true};
inline constexpr Kernel i386_no_nx = {.segmexec = true, .nx = false};

}  // namespace revdep::pax
