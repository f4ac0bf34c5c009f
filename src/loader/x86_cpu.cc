#include "loader/x86_cpu.h"

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#include <cstdint>

namespace revdep::loader {

#if defined(__x86_64__) || defined(__i386__)

namespace {

struct Registers {
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
};

Registers cpuid(unsigned leaf) {
  Registers r;
  __get_cpuid_count(leaf, 0, &r.a, &r.b, &r.c, &r.d);  // leaves zeros when the CPU lacks the leaf
  return r;
}

constexpr unsigned bit(unsigned number) { return 1U << number; }
constexpr bool has_all(unsigned value, unsigned mask) { return (value & mask) == mask; }

// Leaf 1, ecx.
constexpr unsigned sse3 = bit(0), ssse3 = bit(9), fma = bit(12), cmpxchg16b = bit(13), sse4_1 = bit(19),
                   sse4_2 = bit(20), movbe = bit(22), popcnt = bit(23), osxsave = bit(27), avx = bit(28),
                   f16c = bit(29);
// Leaf 7, ebx.
constexpr unsigned bmi1 = bit(3), avx2 = bit(5), bmi2 = bit(8), avx512f = bit(16), avx512dq = bit(17),
                   avx512pf = bit(26), avx512er = bit(27), avx512cd = bit(28), avx512bw = bit(30), avx512vl = bit(31);
// Leaf 0x80000001, ecx.
constexpr unsigned lahf = bit(0), lzcnt = bit(5);

// The register states that the kernel saves. Only to be asked when OSXSAVE is set.
unsigned xcr0() {
  unsigned low = 0;
  unsigned high = 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}
constexpr unsigned ymm_state = 0x6;
constexpr unsigned zmm_state = 0xe6;

constexpr unsigned intel_ebx = 0x756e6547, intel_ecx = 0x6c65746e, intel_edx = 0x49656e69;  // GenuineIntel

}  // namespace

X86Cpu read_x86_cpu() {
  const Registers vendor = cpuid(0);
  const Registers basic = cpuid(1);
  const Registers structured = cpuid(7);
  const unsigned extended = cpuid(0x80000001).c;
  const unsigned saved = has_all(basic.c, osxsave) ? xcr0() : 0;
  const bool has_ymm = has_all(saved, ymm_state) && has_all(basic.c, avx);
  const bool has_zmm = has_all(saved, zmm_state) && has_ymm && has_all(structured.b, avx512f);

  X86Cpu cpu;
  if (has_all(basic.c, cmpxchg16b | popcnt | sse3 | ssse3 | sse4_1 | sse4_2) && has_all(extended, lahf)) {
    cpu.level = 2;
    if (has_ymm && has_all(structured.b, avx2 | bmi1 | bmi2) && has_all(basic.c, f16c | fma | movbe) &&
        has_all(extended, lzcnt)) {
      cpu.level = 3;
      if (has_zmm && has_all(structured.b, avx512bw | avx512cd | avx512dq | avx512vl)) cpu.level = 4;
    }
  }
  if (vendor.b != intel_ebx || vendor.c != intel_ecx || vendor.d != intel_edx) return cpu;
  if (has_zmm && has_all(structured.b, avx512cd)) {
    if (has_all(structured.b, avx512er)) {
      cpu.xeon_phi = has_all(structured.b, avx512pf);
    } else {
      cpu.avx512_1 = has_all(structured.b, avx512bw | avx512dq | avx512vl);
    }
  }
  cpu.haswell = has_ymm && has_all(structured.b, avx2 | bmi1 | bmi2) && has_all(basic.c, fma | movbe | popcnt) &&
                has_all(extended, lzcnt);
  return cpu;
}

#else

X86Cpu read_x86_cpu() { return {}; }

#endif

}  // namespace revdep::loader
