// Which subdirectories of a library directory glibc's loader tries, by ABI, loader version and CPU. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "elf/abi.h"
#include "loader/x86_cpu.h"

namespace revdep::loader {

/// What a loader's version knows.
struct HwcapsSupport {
  bool named = true;    ///< glibc-hwcaps, since 2.33
  bool legacy = false;  ///< tls, platform and hwcap subdirectories, before 2.37
};

struct Hwcaps {
  std::string platform;                     ///< $PLATFORM; "" when unknown
  std::vector<std::string> names;           ///< of glibc-hwcaps, strongest first
  std::vector<std::string> subdirectories;  ///< in the order tried, each once
  std::uint64_t legacy_bits = 0;            ///< bits that a legacy entry of ld.so.cache may have
};

/// Of machines other than x86 only the subdirectory "tls" is known.
Hwcaps compute_hwcaps(elf::Abi abi, HwcapsSupport support, const X86Cpu& cpu);

}  // namespace revdep::loader
