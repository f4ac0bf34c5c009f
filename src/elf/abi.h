// Which objects can be loaded together: the loader matches class, byte order and machine, not the name of an ABI.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace revdep::elf {

enum class Class : std::uint8_t { elf32 = 1, elf64 = 2 };     // ELFCLASS32, ELFCLASS64
enum class ByteOrder : std::uint8_t { little = 1, big = 2 };  // ELFDATA2LSB, ELFDATA2MSB

/// i386 is {3, elf32, little}, x86-64 {62, elf64, little}, x32 {62, elf32, little}.
struct Abi {
  std::uint16_t machine = 0;  ///< e_machine
  Class elf_class = Class::elf64;
  ByteOrder order = ByteOrder::little;
  friend constexpr auto operator<=>(const Abi&, const Abi&) = default;
};

/// The label that reports show, as NEEDED.ELF.2's first field has it (scanelf's EM_ name less the prefix): "X86_64",
/// "386", "AARCH64". A machine without a name here: "EM_<number>".
std::string arch_label(Abi abi);

/// Portage's multilib category, NEEDED.ELF.2's sixth field: "x86_64", "x86_32", "x86_x32", "arm_64". Empty for machines
/// that Portage does not know. `e_flags` decides mips' o32/n32 and riscv's float ABI.
std::string multilib_category(Abi abi, std::uint32_t e_flags);

/// The inverse, where a category stands for one class, machine and byte order; nullopt where only the object itself tells.
std::optional<Abi> abi_of_category(std::string_view category);

}  // namespace revdep::elf
