// The border where class and byte order are normalised: ELF tables as bytes in, host-order 64-bit structs out, through
// libelf. Private to this folder. Knows sizes and fields, nothing of what they mean.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "elf/abi.h"

namespace revdep::elf {

struct ElfHeader {
  std::uint16_t type = 0;
  std::uint16_t machine = 0;
  std::uint32_t version = 0;
  std::uint32_t flags = 0;
  std::uint64_t program_headers_offset = 0;
  std::uint16_t program_header_size = 0;
  std::uint16_t program_header_count = 0;
};

struct ProgramHeader {
  std::uint32_t type = 0;
  std::uint32_t flags = 0;
  std::uint64_t offset = 0;
  std::uint64_t address = 0;
  std::uint64_t file_size = 0;
  std::uint64_t alignment = 0;
};

struct DynamicEntry {
  std::int64_t tag = 0;
  std::uint64_t value = 0;
};

struct NoteHeader {
  std::uint32_t name_size = 0;
  std::uint32_t descriptor_size = 0;
  std::uint32_t type = 0;
};

/// How one object's tables are laid out. Each decode_* takes at least the bytes of one entry.
struct Layout {
  Class elf_class = Class::elf64;
  ByteOrder order = ByteOrder::little;

  [[nodiscard]] std::size_t elf_header_size() const;
  [[nodiscard]] std::size_t program_header_size() const;
  [[nodiscard]] std::size_t program_header_flags_offset() const;  ///< of p_flags in its entry
  [[nodiscard]] std::size_t dynamic_entry_size() const;

  [[nodiscard]] ElfHeader decode_elf_header(std::span<const std::byte> bytes) const;
  [[nodiscard]] ProgramHeader decode_program_header(std::span<const std::byte> bytes) const;
  [[nodiscard]] DynamicEntry decode_dynamic_entry(std::span<const std::byte> bytes) const;
  [[nodiscard]] NoteHeader decode_note_header(std::span<const std::byte> bytes) const;
};

inline constexpr std::size_t note_header_size = 12;

}  // namespace revdep::elf
