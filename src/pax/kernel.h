// What a kernel has configured and switched on, as far as it decides the effect of a marking. Pure; detects nothing.
#pragma once

#include <string_view>

#include "base/error.h"
#include "pax/marking.h"

namespace revdep::pax {

struct Kernel {
  bool pageexec = true;
  bool segmexec = false;  ///< i386 kernels only
  bool emutramp = true;
  bool mprotect = true;
  bool randmmap = true;
  bool reads_header = true;
  bool reads_xattr = true;
  bool reads_ei = false;
  bool softmode = false;    ///< kernel.pax.softmode
  bool nx = true;           ///< the CPU has NX: with P and S both on, P stays (else S)
  bool randomize = true;    ///< kernel.randomize_va_space is not 0
  bool up_to_3_11 = false;  ///< ignores an empty xattr; gives unmarked files the hard-mode defaults in soft mode too
  friend bool operator==(const Kernel&, const Kernel&) = default;
};

/// Whether it has what the letter switches; what sysctls do to it for now does not count.
[[nodiscard]] bool has_feature(const Kernel& kernel, Letter letter);

/// "softmode=yes,xattr=no": the members' names without "reads_", each at most once, on top of `base`. Values yes, no, 1, 0.
/// Error: names the key or value and what is known.
base::Result<Kernel> parse_kernel(std::string_view text, Kernel base = {});

}  // namespace revdep::pax
