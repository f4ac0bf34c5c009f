// Relaxations: what libraries and rules ask for, and what granting it does to an effective set. Pure; knows no store.
#pragma once

#include <cstdint>

#include "pax/marking.h"
#include "pax/verdict.h"

namespace revdep::pax {

/// P, M, R or S off, or E on.
class Relaxations {
 public:
  [[nodiscard]] constexpr bool asks(Letter letter) const { return (bits_ >> static_cast<unsigned>(letter) & 1U) != 0; }
  constexpr void ask(Letter letter) { bits_ = static_cast<std::uint8_t>(bits_ | 1U << static_cast<unsigned>(letter)); }
  constexpr void add(Relaxations other) { bits_ = static_cast<std::uint8_t>(bits_ | other.bits_); }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  /// One bit a letter, for tables.
  [[nodiscard]] constexpr std::uint8_t bits() const { return bits_; }
  static constexpr Relaxations of_bits(std::uint8_t bits) {
    Relaxations relaxations;
    relaxations.bits_ = bits;
    return relaxations;
  }
  friend constexpr bool operator==(Relaxations, Relaxations) = default;

 private:
  std::uint8_t bits_ = 0;
};

constexpr Relaxations without(Relaxations some, Relaxations others) {
  return Relaxations::of_bits(static_cast<std::uint8_t>(some.bits() & ~unsigned{others.bits()}));
}
constexpr Relaxations common(Relaxations some, Relaxations others) {
  return Relaxations::of_bits(static_cast<std::uint8_t>(some.bits() & others.bits()));
}

/// The setting that grants a letter: off for P, M, R, S; on for E.
constexpr Setting relaxed(Letter letter) { return letter == Letter::E ? Setting::on : Setting::off; }

/// What a library asks for by carrying `marking`: its relaxing letters.
Relaxations asked_by(Marking marking);

/// "pEm": the asked letters as a marking would spell them.
Marking as_marking(Relaxations asked);

/// relax(V, Q): `effective` (Verdict::configured) less the asked P, M, R, S; plus E if asked and P or S remains; if neither
/// remains, less M and E.
Effective relax(Effective effective, Relaxations asked);

}  // namespace revdep::pax
