#include "loader/hwcaps.h"

#include <elf.h>

#include <algorithm>
#include <cstddef>

namespace revdep::loader {
namespace {

// Bits of a legacy entry's hwcap field, sysdeps/x86/dl-hwcap.h and dl-procinfo.h as of 2.26 to 2.36.
constexpr std::uint64_t sse2_bit = std::uint64_t{1} << 0;
constexpr std::uint64_t x86_64_bit = std::uint64_t{1} << 1;
constexpr std::uint64_t avx512_1_bit = std::uint64_t{1} << 2;
constexpr std::uint64_t i686_bit = std::uint64_t{1} << 49;
constexpr std::uint64_t haswell_bit = std::uint64_t{1} << 50;
constexpr std::uint64_t xeon_phi_bit = std::uint64_t{1} << 51;
constexpr std::uint64_t tls_bit = std::uint64_t{1} << 63;

// The combinations in _dl_important_hwcaps' order: counting down in binary, the last capability outermost.
// {"sse2", "i686", "tls"}: tls/i686/sse2, tls/i686, tls/sse2, tls, i686/sse2, i686, sse2.
void append_combinations(const std::vector<std::string>& capabilities, std::vector<std::string>& out) {
  for (std::size_t chosen = (std::size_t{1} << capabilities.size()) - 1; chosen != 0; --chosen) {
    std::string path;
    for (std::size_t i = capabilities.size(); i-- > 0;) {
      if ((chosen >> i & 1) == 0) continue;
      if (!path.empty()) path += '/';
      path += capabilities[i];
    }
    // The platform can have a hwcap's name: x86_64.
    if (std::find(out.begin(), out.end(), path) == out.end()) out.push_back(std::move(path));
  }
}

}  // namespace

Hwcaps compute_hwcaps(elf::Abi abi, HwcapsSupport support, const X86Cpu& cpu) {
  Hwcaps result;
  std::vector<std::string> capabilities;  // hwcaps by bit, then the platform, then tls
  std::uint64_t bits = tls_bit;
  if (abi.machine == EM_X86_64) {
    // The loader's own choice goes before the kernel's AT_PLATFORM, which to x32 programs says i686.
    result.platform = abi.elf_class == elf::Class::elf64 ? "x86_64" : "i686";
    capabilities.emplace_back("x86_64");
    bits |= x86_64_bit;
    if (cpu.avx512_1) {
      capabilities.emplace_back("avx512_1");
      bits |= avx512_1_bit;
    }
    if (cpu.xeon_phi) {
      result.platform = "xeon_phi";
      bits |= xeon_phi_bit;
    } else if (cpu.haswell) {
      result.platform = "haswell";
      bits |= haswell_bit;
    }
    if (support.named) {
      for (int level = cpu.level; level >= 2; --level) {
        result.names.push_back("x86-64-v" + std::to_string(level));
        result.subdirectories.push_back("glibc-hwcaps/" + result.names.back());
      }
    }
  } else if (abi.machine == EM_386) {
    result.platform = "i686";
    capabilities.emplace_back("sse2");
    bits |= sse2_bit | i686_bit;
  } else if (abi.machine == EM_AARCH64) {
    result.platform = abi.order == elf::ByteOrder::little ? "aarch64" : "aarch64_be";
  }
  if (!support.legacy) return result;
  result.legacy_bits = bits;
  if (!result.platform.empty()) capabilities.push_back(result.platform);
  capabilities.emplace_back("tls");
  append_combinations(capabilities, result.subdirectories);
  return result;
}

}  // namespace revdep::loader
