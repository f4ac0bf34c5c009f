// What glibc's loader makes of the running x86 CPU (sysdeps/x86/cpu-features.c, get-isa-level.h): the levels and
// platforms by which it names subdirectories. Knows nothing of directories.
#pragma once

namespace revdep::loader {

struct X86Cpu {
  int level = 1;          ///< 1 to 4: x86-64-v<level>
  bool haswell = false;   ///< $PLATFORM of the 64-bit loaders, Intel only
  bool xeon_phi = false;  ///< the same; goes before haswell
  bool avx512_1 = false;  ///< legacy hwcap, Intel only
};

/// The running machine's, as far as its kernel lets it be used. Baseline where the machine is no x86.
X86Cpu read_x86_cpu();

}  // namespace revdep::loader
