// Labels as scanelf prints them, categories as Portage's compute_multilib_category: both looked up there, not here.
#include "elf/abi.h"

#include <gtest/gtest.h>

namespace revdep::elf {
namespace {

constexpr Class elf32 = Class::elf32, elf64 = Class::elf64;
constexpr ByteOrder little = ByteOrder::little, big = ByteOrder::big;

TEST(ArchLabel, IsScanelfsNameWithoutEm) {
  EXPECT_EQ(arch_label({62, elf64, little}), "X86_64");
  EXPECT_EQ(arch_label({62, elf32, little}), "X86_64");
  EXPECT_EQ(arch_label({3, elf32, little}), "386");
  EXPECT_EQ(arch_label({183, elf64, little}), "AARCH64");
  EXPECT_EQ(arch_label({40, elf32, little}), "ARM");
  EXPECT_EQ(arch_label({21, elf64, big}), "PPC64");
  EXPECT_EQ(arch_label({0x9026, elf64, little}), "ALPHA");
  EXPECT_EQ(arch_label({0, elf64, little}), "NONE");
}

TEST(ArchLabel, AMachineWithoutANameIsItsNumber) {
  EXPECT_EQ(arch_label({11, elf32, little}), "EM_11");
  EXPECT_EQ(arch_label({65535, elf64, big}), "EM_65535");
}

struct CategoryCase {
  Abi abi;
  std::uint32_t e_flags = 0;
  const char* category = "";
};

TEST(MultilibCategory, IsPortages) {
  const CategoryCase cases[] = {
      {{62, elf64, little}, 0, "x86_64"},
      {{62, elf32, little}, 0, "x86_x32"},
      {{3, elf32, little}, 0, "x86_32"},
      {{183, elf64, little}, 0, "arm_64"},
      {{183, elf32, little}, 0, "arm_32"},
      {{40, elf32, little}, 0x5000400, "arm_32"},
      {{50, elf64, little}, 0, "ia64_64"},
      {{0x9026, elf64, little}, 0, "alpha_64"},
      {{15, elf32, big}, 0, "hppa_32"},
      {{20, elf32, big}, 0, "ppc_32"},
      {{21, elf64, little}, 2, "ppc_64"},
      {{22, elf32, big}, 0, "s390_32"},
      {{22, elf64, big}, 0, "s390_64"},
      {{2, elf32, big}, 0, "sparc_32"},
      {{18, elf32, big}, 0, "sparc_32"},
      {{43, elf64, big}, 0, "sparc_64"},
      {{8, elf32, big}, 0x1007, "mips_o32"},
      {{8, elf32, big}, 0x70001000, "mips_o32"},
      {{8, elf32, big}, 0x2000, "mips_o64"},
      {{8, elf32, little}, 0x3000, "mips_eabi32"},
      {{8, elf64, little}, 0x4000, "mips_eabi64"},
      {{8, elf32, little}, 0x80000027, "mips_n32"},
      {{8, elf64, little}, 0x80000007, "mips_n64"},
      {{8, elf32, little}, 0x7, ""},     // no ABI named: Portage does not guess
      {{8, elf64, little}, 0x5000, ""},  // an ABI that it does not know
      {{243, elf64, little}, 0x1, "riscv_lp64"},
      {{243, elf64, little}, 0x5, "riscv_lp64d"},
      {{243, elf32, little}, 0x1, "riscv_ilp32"},
      {{243, elf32, little}, 0x5, "riscv_ilp32d"},
      {{243, elf64, little}, 0x4, ""},  // without RVC: not recognised
      {{243, elf64, little}, 0x0, ""},
      {{258, elf64, little}, 0x43, ""},  // LoongArch is not in Portage's table
      {{0, elf64, little}, 0, ""},
      {{9, elf32, big}, 0, ""},
  };
  for (const CategoryCase& item : cases) {
    EXPECT_EQ(multilib_category(item.abi, item.e_flags), item.category)
        << item.abi.machine << " flags " << std::hex << item.e_flags;
  }
}

TEST(AbiOfCategory, GivesAnAbiOfThatCategoryOrNothing) {
  for (const char* const category :
       {"x86_64", "x86_32", "x86_x32", "alpha_64", "ia64_64", "s390_32", "s390_64", "sparc_64", "m68k_32", "hppa_32"}) {
    const auto abi = abi_of_category(category);
    ASSERT_TRUE(abi) << category;
    EXPECT_EQ(multilib_category(*abi, 0), category);
  }
  // Two byte orders, or two machines.
  for (const char* const category : {"", "arm_64", "ppc_64", "mips_n64", "sparc_32", "nonsense"}) {
    EXPECT_FALSE(abi_of_category(category)) << category;
  }
}

}  // namespace
}  // namespace revdep::elf
