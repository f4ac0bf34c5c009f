#include <algorithm>
#include <array>

#include <elf.h>

#include "elf/abi.h"

namespace revdep::elf {

std::optional<Abi> abi_of_category(std::string_view category) {
  struct Row {
    std::string_view category;
    Abi abi;
  };
  using enum Class;
  using enum ByteOrder;
  // Only the categories that stand for one class, machine and byte order.
  static constexpr std::array rows = {
      Row{"x86_64", {EM_X86_64, elf64, little}},  Row{"x86_32", {EM_386, elf32, little}},
      Row{"x86_x32", {EM_X86_64, elf32, little}}, Row{"alpha_64", {EM_ALPHA, elf64, little}},
      Row{"hppa_32", {EM_PARISC, elf32, big}},    Row{"hppa_64", {EM_PARISC, elf64, big}},
      Row{"ia64_64", {EM_IA_64, elf64, little}},  Row{"m68k_32", {EM_68K, elf32, big}},
      Row{"s390_32", {EM_S390, elf32, big}},      Row{"s390_64", {EM_S390, elf64, big}},
      Row{"sparc_64", {EM_SPARCV9, elf64, big}},
  };
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const Row& each) { return each.category == category; });
  return row == rows.end() ? std::nullopt : std::optional(row->abi);
}

}  // namespace revdep::elf
