#include "elf/abi.h"

#include <elf.h>

#include <algorithm>
#include <array>

namespace revdep::elf {
namespace {

struct Name {
  std::uint16_t machine;
  std::string_view label;
  std::string_view category;  // Portage's prefix; "" when it has none
};

// scanelf's names (pax-utils 1.3) with Portage's prefixes (lib/portage/dep/soname/multilib_category.py) of the machines
// that Linux systems run on or carry firmware for; by number.
constexpr std::array names = {
    Name{EM_NONE, "NONE", ""},
    Name{EM_M32, "M32", ""},
    Name{EM_SPARC, "SPARC", "sparc"},
    Name{EM_386, "386", "x86"},
    Name{EM_68K, "68K", "m68k"},
    Name{EM_88K, "88K", ""},
    Name{EM_860, "860", ""},
    Name{EM_MIPS, "MIPS", "mips"},
    Name{EM_S370, "S370", ""},
    Name{EM_MIPS_RS3_LE, "MIPS_RS3_LE", ""},
    Name{EM_PARISC, "PARISC", "hppa"},
    Name{EM_SPARC32PLUS, "SPARC32PLUS", "sparc"},
    Name{EM_PPC, "PPC", "ppc"},
    Name{EM_PPC64, "PPC64", "ppc"},
    Name{EM_S390, "S390", "s390"},
    Name{EM_ARM, "ARM", "arm"},
    Name{EM_FAKE_ALPHA, "FAKE_ALPHA", ""},
    Name{EM_SH, "SH", "sh"},
    Name{EM_SPARCV9, "SPARCV9", "sparc"},
    Name{EM_ARC, "ARC", ""},
    Name{EM_IA_64, "IA_64", "ia64"},
    Name{EM_X86_64, "X86_64", "x86"},
    Name{EM_VAX, "VAX", ""},
    Name{EM_CRIS, "CRIS", ""},
    Name{EM_AVR, "AVR", ""},
    Name{EM_M32R, "M32R", ""},
    Name{EM_MN10300, "MN10300", ""},
    Name{EM_OPENRISC, "OPENRISC", ""},
    Name{EM_ARC_A5, "ARC_A5", ""},
    Name{EM_XTENSA, "XTENSA", ""},
    Name{EM_VIDEOCORE, "VIDEOCORE", ""},
    Name{EM_MSP430, "MSP430", ""},
    Name{EM_BLACKFIN, "BLACKFIN", ""},
    Name{EM_UNICORE, "UNICORE", ""},
    Name{EM_ALTERA_NIOS2, "ALTERA_NIOS2", "nios2"},
    Name{EM_AARCH64, "AARCH64", "arm"},
    Name{EM_TILEPRO, "TILEPRO", ""},
    Name{EM_MICROBLAZE, "MICROBLAZE", ""},
    Name{EM_TILEGX, "TILEGX", ""},
    Name{EM_RISCV, "RISCV", "riscv"},
    Name{EM_LOONGARCH, "LOONGARCH", ""},
    Name{EM_ALPHA, "ALPHA", "alpha"},
};
static_assert(std::ranges::is_sorted(names, {}, &Name::machine));

const Name* find_name(std::uint16_t machine) {
  const auto found = std::ranges::lower_bound(names, machine, {}, &Name::machine);
  return found != names.end() && found->machine == machine ? &*found : nullptr;
}

std::string_view mips_suffix(Class elf_class, std::uint32_t e_flags) {
  constexpr std::uint32_t abi_mask = 0xf000;
  switch (e_flags & abi_mask) {
    case 0x1000:
      return "o32";
    case 0x2000:
      return "o64";
    case 0x3000:
      return "eabi32";
    case 0x4000:
      return "eabi64";
    case 0:
      break;
    default:
      return "";
  }
  if ((e_flags & EF_MIPS_ABI2) != 0) return "n32";
  return elf_class == Class::elf64 ? "n64" : "";
}

// Only these two: Portage recognises an ABI by the whole of e_flags.
std::string_view riscv_suffix(Class elf_class, std::uint32_t e_flags) {
  const bool is_64 = elf_class == Class::elf64;
  if (e_flags == EF_RISCV_RVC) return is_64 ? "lp64" : "ilp32";
  if (e_flags == (EF_RISCV_RVC | EF_RISCV_FLOAT_ABI_DOUBLE)) return is_64 ? "lp64d" : "ilp32d";
  return "";
}

std::string_view suffix_of(Abi abi, std::uint32_t e_flags) {
  if (abi.machine == EM_MIPS) return mips_suffix(abi.elf_class, e_flags);
  if (abi.machine == EM_RISCV) return riscv_suffix(abi.elf_class, e_flags);
  if (abi.elf_class == Class::elf64) return "64";
  return abi.machine == EM_X86_64 ? "x32" : "32";
}

}  // namespace

std::string arch_label(Abi abi) {
  const Name* const name = find_name(abi.machine);
  return name != nullptr ? std::string(name->label) : "EM_" + std::to_string(abi.machine);
}

std::string multilib_category(Abi abi, std::uint32_t e_flags) {
  const Name* const name = find_name(abi.machine);
  const std::string_view suffix = suffix_of(abi, e_flags);
  if (name == nullptr || name->category.empty() || suffix.empty()) return "";
  return std::string(name->category) + '_' + std::string(suffix);
}

}  // namespace revdep::elf
