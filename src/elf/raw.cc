#include "elf/raw.h"

#include <libelf.h>

#include <cassert>
#include <cstring>

namespace revdep::elf {
namespace {

// One entry in host order. elf*_xlatetom wants a writable, aligned copy and reports only misuse: unknown types, bad sizes.
template <class Entry>
Entry translate(const Layout& layout, std::span<const std::byte> bytes, Elf_Type type) {
  assert(bytes.size() >= sizeof(Entry));
  [[maybe_unused]] static const unsigned version = elf_version(EV_CURRENT);
  Entry entry{};
  std::memcpy(&entry, bytes.data(), sizeof entry);
  Elf_Data data{};
  data.d_buf = &entry;
  data.d_type = type;
  data.d_version = EV_CURRENT;
  data.d_size = sizeof entry;
  const auto encoding = static_cast<unsigned>(layout.order);
  [[maybe_unused]] const Elf_Data* const done = layout.elf_class == Class::elf64
                                                    ? elf64_xlatetom(&data, &data, encoding)
                                                    : elf32_xlatetom(&data, &data, encoding);
  assert(done != nullptr);
  return entry;
}

template <class Native>
ElfHeader to_header(const Native& native) {
  return {native.e_type,  native.e_machine,   native.e_version, native.e_flags,
          native.e_phoff, native.e_phentsize, native.e_phnum};
}

template <class Native>
ProgramHeader to_program_header(const Native& native) {
  return {native.p_type, native.p_flags, native.p_offset, native.p_vaddr, native.p_filesz, native.p_align};
}

}  // namespace

std::size_t Layout::elf_header_size() const {
  return elf_class == Class::elf64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
}

std::size_t Layout::program_header_size() const {
  return elf_class == Class::elf64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
}

std::size_t Layout::program_header_flags_offset() const {
  return elf_class == Class::elf64 ? offsetof(Elf64_Phdr, p_flags) : offsetof(Elf32_Phdr, p_flags);
}

std::size_t Layout::dynamic_entry_size() const {
  return elf_class == Class::elf64 ? sizeof(Elf64_Dyn) : sizeof(Elf32_Dyn);
}

ElfHeader Layout::decode_elf_header(std::span<const std::byte> bytes) const {
  if (elf_class == Class::elf64) return to_header(translate<Elf64_Ehdr>(*this, bytes, ELF_T_EHDR));
  return to_header(translate<Elf32_Ehdr>(*this, bytes, ELF_T_EHDR));
}

ProgramHeader Layout::decode_program_header(std::span<const std::byte> bytes) const {
  if (elf_class == Class::elf64) return to_program_header(translate<Elf64_Phdr>(*this, bytes, ELF_T_PHDR));
  return to_program_header(translate<Elf32_Phdr>(*this, bytes, ELF_T_PHDR));
}

DynamicEntry Layout::decode_dynamic_entry(std::span<const std::byte> bytes) const {
  if (elf_class == Class::elf64) {
    const auto entry = translate<Elf64_Dyn>(*this, bytes, ELF_T_DYN);
    return {entry.d_tag, entry.d_un.d_val};
  }
  const auto entry = translate<Elf32_Dyn>(*this, bytes, ELF_T_DYN);
  return {entry.d_tag, entry.d_un.d_val};
}

NoteHeader Layout::decode_note_header(std::span<const std::byte> bytes) const {
  // Three words in both classes. As ELF_T_WORD, because ELF_T_NHDR makes libelf follow the sizes to further notes.
  struct Words {
    Elf32_Word name_size, descriptor_size, type;
  };
  const auto words = translate<Words>(*this, bytes, ELF_T_WORD);
  return {words.name_size, words.descriptor_size, words.type};
}

}  // namespace revdep::elf
