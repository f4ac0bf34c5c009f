// The tables behind usual_interpreters and usual_system_directories: the dynamic linker that gcc names and glibc's
// slibdir of each ABI, musl's LDSO_ARCH.
#include <elf.h>

#include "loader/platform.h"

namespace revdep::loader {
namespace {

constexpr std::uint16_t machine_alpha = 0x9026;  // EM_ALPHA, as all Linux uses it
constexpr auto b32 = elf::Class::elf32;
constexpr auto b64 = elf::Class::elf64;
constexpr auto any = elf::ByteOrder{};
constexpr auto little = elf::ByteOrder::little;
constexpr auto big = elf::ByteOrder::big;

struct Usual {
  std::uint16_t machine;
  elf::Class elf_class;
  elf::ByteOrder order;  // any: both
  std::string_view interpreter;
};

// ABIs that differ in e_flags share their rows, the most usual variant first.
constexpr Usual usual[] = {
    {EM_X86_64, b64, any, "/lib64/ld-linux-x86-64.so.2"},
    {EM_X86_64, b64, any, "/lib/ld-musl-x86_64.so.1"},
    {EM_X86_64, b32, any, "/libx32/ld-linux-x32.so.2"},
    {EM_X86_64, b32, any, "/lib/ld-musl-x32.so.1"},
    {EM_386, b32, any, "/lib/ld-linux.so.2"},
    {EM_386, b32, any, "/lib/ld-musl-i386.so.1"},
    {EM_AARCH64, b64, little, "/lib/ld-linux-aarch64.so.1"},
    {EM_AARCH64, b64, little, "/lib/ld-musl-aarch64.so.1"},
    {EM_AARCH64, b64, big, "/lib/ld-linux-aarch64_be.so.1"},
    {EM_AARCH64, b64, big, "/lib/ld-musl-aarch64_be.so.1"},
    {EM_ARM, b32, any, "/lib/ld-linux-armhf.so.3"},
    {EM_ARM, b32, any, "/lib/ld-linux.so.3"},
    {EM_ARM, b32, little, "/lib/ld-musl-armhf.so.1"},
    {EM_ARM, b32, little, "/lib/ld-musl-arm.so.1"},
    {EM_ARM, b32, big, "/lib/ld-musl-armebhf.so.1"},
    {EM_ARM, b32, big, "/lib/ld-musl-armeb.so.1"},
    {EM_PPC, b32, any, "/lib/ld.so.1"},
    {EM_PPC, b32, big, "/lib/ld-musl-powerpc.so.1"},
    {EM_PPC, b32, little, "/lib/ld-musl-powerpcle.so.1"},
    {EM_PPC64, b64, big, "/lib64/ld64.so.1"},
    {EM_PPC64, b64, big, "/lib64/ld64.so.2"},
    {EM_PPC64, b64, big, "/lib/ld-musl-powerpc64.so.1"},
    {EM_PPC64, b64, little, "/lib64/ld64.so.2"},
    {EM_PPC64, b64, little, "/lib/ld-musl-powerpc64le.so.1"},
    {EM_S390, b64, any, "/lib/ld64.so.1"},
    {EM_S390, b64, any, "/lib/ld-musl-s390x.so.1"},
    {EM_S390, b32, any, "/lib/ld.so.1"},
    {EM_RISCV, b64, any, "/lib/ld-linux-riscv64-lp64d.so.1"},
    {EM_RISCV, b64, any, "/lib/ld-linux-riscv64-lp64.so.1"},
    {EM_RISCV, b64, any, "/lib/ld-musl-riscv64.so.1"},
    {EM_RISCV, b64, any, "/lib/ld-musl-riscv64-sf.so.1"},
    {EM_RISCV, b32, any, "/lib/ld-linux-riscv32-ilp32d.so.1"},
    {EM_RISCV, b32, any, "/lib/ld-linux-riscv32-ilp32.so.1"},
    {EM_RISCV, b32, any, "/lib/ld-musl-riscv32.so.1"},
    {EM_LOONGARCH, b64, any, "/lib64/ld-linux-loongarch-lp64d.so.1"},
    {EM_LOONGARCH, b64, any, "/lib64/ld-linux-loongarch-lp64s.so.1"},
    {EM_LOONGARCH, b64, any, "/lib/ld-musl-loongarch64.so.1"},
    {EM_MIPS, b64, any, "/lib64/ld.so.1"},
    {EM_MIPS, b64, any, "/lib64/ld-linux-mipsn8.so.1"},
    {EM_MIPS, b64, big, "/lib/ld-musl-mips64.so.1"},
    {EM_MIPS, b64, little, "/lib/ld-musl-mips64el.so.1"},
    {EM_MIPS, b32, any, "/lib/ld.so.1"},    // o32
    {EM_MIPS, b32, any, "/lib32/ld.so.1"},  // n32
    {EM_MIPS, b32, any, "/lib/ld-linux-mipsn8.so.1"},
    {EM_MIPS, b32, any, "/lib32/ld-linux-mipsn8.so.1"},
    {EM_MIPS, b32, big, "/lib/ld-musl-mips.so.1"},
    {EM_MIPS, b32, big, "/lib/ld-musl-mipsn32.so.1"},
    {EM_MIPS, b32, little, "/lib/ld-musl-mipsel.so.1"},
    {EM_MIPS, b32, little, "/lib/ld-musl-mipsn32el.so.1"},
    {machine_alpha, b64, any, "/lib/ld-linux.so.2"},
    {EM_SPARC, b32, any, "/lib/ld-linux.so.2"},
    {EM_SPARC32PLUS, b32, any, "/lib/ld-linux.so.2"},
    {EM_SPARCV9, b64, any, "/lib64/ld-linux.so.2"},
    {EM_PARISC, b32, any, "/lib/ld.so.1"},
    {EM_IA_64, b64, any, "/lib/ld-linux-ia64.so.2"},
    {EM_68K, b32, any, "/lib/ld.so.1"},
    {EM_68K, b32, any, "/lib/ld-musl-m68k.so.1"},
    {EM_SH, b32, any, "/lib/ld-linux.so.2"},
    {EM_OPENRISC, b32, any, "/lib/ld-linux-or1k.so.1"},
    {EM_OPENRISC, b32, any, "/lib/ld-musl-or1k.so.1"},
    {EM_MICROBLAZE, b32, any, "/lib/ld.so.1"},
    {EM_ARCV2, b32, any, "/lib/ld-linux-arc.so.2"},
    {EM_CSKY, b32, any, "/lib/ld-linux-cskyv2.so.1"},
};

struct Directories {
  std::uint16_t machine;
  elf::Class elf_class;
  std::string_view library;  // below / and below /usr
};

// All others: lib.
constexpr Directories directories[] = {
    {EM_X86_64, b64, "lib64"},    {EM_X86_64, b32, "libx32"},     {EM_AARCH64, b64, "lib64"},
    {EM_PPC64, b64, "lib64"},     {EM_S390, b64, "lib64"},        {EM_SPARCV9, b64, "lib64"},
    {EM_MIPS, b64, "lib64"},      {EM_RISCV, b64, "lib64/lp64d"}, {EM_RISCV, b32, "lib32/ilp32d"},
    {EM_LOONGARCH, b64, "lib64"},
};

}  // namespace

std::vector<std::string> usual_interpreters(elf::Abi abi) {
  std::vector<std::string> found;
  for (const Usual& row : usual) {
    if (row.machine != abi.machine || row.elf_class != abi.elf_class) continue;
    if (row.order == any || row.order == abi.order) found.emplace_back(row.interpreter);
  }
  return found;
}

std::vector<std::string> usual_system_directories(elf::Abi abi) {
  std::string library = "lib";
  for (const Directories& row : directories) {
    if (row.machine == abi.machine && row.elf_class == abi.elf_class) library = row.library;
  }
  return {"/" + library, "/usr/" + library};
}

}  // namespace revdep::loader
