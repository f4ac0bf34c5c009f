// Writes minimal but real ELF files from a description, without a compiler or libelf, so that the reader under test has
// an independent source. Has no code to run and no symbols: good for ld.so's LD_TRACE_LOADED_OBJECTS, not for running.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "elf/abi.h"

namespace revdep::elf_builder {

inline constexpr elf::Abi x86_64{62, elf::Class::elf64, elf::ByteOrder::little};
inline constexpr elf::Abi x32{62, elf::Class::elf32, elf::ByteOrder::little};
inline constexpr elf::Abi i386{3, elf::Class::elf32, elf::ByteOrder::little};
inline constexpr elf::Abi ppc{20, elf::Class::elf32, elf::ByteOrder::big};
inline constexpr elf::Abi s390x{22, elf::Class::elf64, elf::ByteOrder::big};

inline constexpr std::uint16_t et_rel = 1, et_exec = 2, et_dyn = 3, et_core = 4;
inline constexpr std::uint32_t df_1_nodeflib = 0x800, df_1_pie = 0x08000000;
inline constexpr std::uint32_t pf_x = 1, pf_w = 2, pf_r = 4;

/// The defaults make an x86-64 library without a name. A program: give it an interpreter, and df_1_pie or et_exec.
struct Object {
  elf::Abi abi = x86_64;
  std::uint16_t type = et_dyn;
  std::uint8_t ident_version = 1;
  std::uint8_t osabi = 0;
  std::uint8_t abi_version = 0;
  std::array<std::uint8_t, 7> ident_padding{};  ///< e_ident[9..15]; EI_PAX is ident_padding[5]
  std::uint32_t e_flags = 0;

  std::optional<std::string> interpreter;
  std::optional<std::string> soname;
  std::vector<std::string> needed;
  std::optional<std::string> rpath;
  std::optional<std::string> runpath;
  std::vector<std::string> auxiliary;
  std::vector<std::string> filter;
  std::uint32_t flags_1 = 0;
  bool text_relocations = false;
  bool dynamic = true;  ///< no PT_DYNAMIC without; et_rel never has one

  std::vector<std::uint32_t> pax_flags;                    ///< one PT_PAX_FLAGS each
  std::optional<std::uint32_t> stack_flags = pf_r | pf_w;  ///< p_flags of PT_GNU_STACK
  bool writable_executable_segment = false;
  std::vector<std::string> dlopen_notes;  ///< the JSON text of one FDO note each

  std::size_t gap = 0;  ///< bytes between the program headers and everything else
};

/// A dynamic PIE for the machine's usual glibc loader; set what else it needs.
Object program(std::vector<std::string> needed, elf::Abi abi = x86_64);
/// A library with that soname.
Object library(std::string soname, std::vector<std::string> needed = {}, elf::Abi abi = x86_64);

std::vector<std::byte> image(const Object& object);

/// Writes image(object) with `mode`, parent directories included. Throws std::system_error.
void write_object(const std::filesystem::path& path, const Object& object, unsigned mode = 0755);

}  // namespace revdep::elf_builder
