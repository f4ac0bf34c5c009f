// The verdict: what a kernel makes of all stores of one file. Pure. The rules are those of the kernel's loader
// (grsecurity/PaX 3.12.8 to 4.9, and the older ones' differences).
#pragma once

#include <cstdint>
#include <string>

#include "pax/kernel.h"
#include "pax/marking.h"

namespace revdep::pax {

/// Which features are on.
class Effective {
 public:
  [[nodiscard]] constexpr bool on(Letter letter) const { return (bits_ >> static_cast<unsigned>(letter) & 1U) != 0; }
  constexpr void set(Letter letter, bool on) {
    const auto bit = static_cast<std::uint8_t>(1U << static_cast<unsigned>(letter));
    bits_ = static_cast<std::uint8_t>(on ? bits_ | bit : bits_ & ~bit);
  }
  friend constexpr bool operator==(Effective, Effective) = default;

 private:
  std::uint8_t bits_ = 0;
};

/// "PeMRs", as /proc/PID/status shows it.
std::string format_effective(Effective effective);

enum class Store : std::uint8_t { none, xattr, header, ei };

struct Verdict {
  bool refused = false;  ///< the new process dies by a signal; the sets below are not meaningful then
  Effective effective;   ///< what the process gets
  Effective configured;  ///< the same before P and S exclude each other (i386 with SEGMEXEC); what relax() works on
  Store source = Store::none;
  std::string reason;  ///< one clause: why refused, or which store decides and what else was void or ignored
};

Verdict judge(const Stores& stores, const Kernel& kernel);

}  // namespace revdep::pax
