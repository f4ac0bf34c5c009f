#include <elf.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "elf/image.h"

namespace revdep::elf {
namespace {

// The kernel's limit too (PATH_MAX, the final NUL included).
constexpr std::uint64_t interpreter_limit = 4096;

std::uint8_t ident(std::span<const std::byte> bytes, std::size_t index) {
  return std::to_integer<std::uint8_t>(bytes[index]);
}

// glibc's open_verify (elf/dl-load.c, sysdeps/gnu/ldsodefs.h, mips' own ldsodefs.h). A library that fails is an error to
// ld.so, not a reason to search on.
bool is_identification_valid(std::span<const std::byte> bytes, const ElfHeader& header) {
  constexpr std::uint8_t gnu_abi_limit = 4;  // LIBC_ABI_MAX of 2.28 and later
  constexpr std::uint8_t mips_abi_limit = 6;
  const std::uint8_t osabi = ident(bytes, EI_OSABI);
  const std::uint8_t abi_version = ident(bytes, EI_ABIVERSION);
  if (ident(bytes, EI_VERSION) != EV_CURRENT || header.version != EV_CURRENT) return false;
  if (osabi != ELFOSABI_NONE && osabi != ELFOSABI_GNU) return false;
  const bool is_mips = header.machine == EM_MIPS;
  if (osabi == ELFOSABI_NONE && abi_version >= (is_mips ? mips_abi_limit : 1)) return false;
  if (osabi == ELFOSABI_GNU && abi_version >= (is_mips ? mips_abi_limit : gnu_abi_limit)) return false;
  return std::ranges::all_of(bytes.subspan(EI_PAD, EI_NIDENT - EI_PAD), [](std::byte b) { return b == std::byte{0}; });
}

// The bytes up to the first NUL; the kernel demands one at the end. nullopt: not a string that it would take.
std::optional<std::string> read_interpreter(Window& window, const ProgramHeader& header) {
  if (header.file_size > interpreter_limit) return std::nullopt;
  const auto bytes = window.view(header.offset, static_cast<std::size_t>(header.file_size));
  if (bytes.size() != header.file_size || bytes.back() != std::byte{0}) return std::nullopt;
  const auto end = std::ranges::find(bytes, std::byte{0});
  std::string text(static_cast<std::size_t>(end - bytes.begin()), '\0');
  std::memcpy(text.data(), bytes.data(), text.size());
  return text;
}

class HeadReader {
 public:
  HeadReader(Window& window, std::string_view name, Segments* segments)
      : window_(window), name_(name), segments_(segments) {}

  base::Result<Head> read() {
    const auto bytes = window_.view(0, sizeof(Elf64_Ehdr));
    if (window_.error() != 0) return base::system_error("read", name_, window_.error());
    if (!has_elf_magic(bytes)) return fail("not an ELF object");
    if (bytes.size() < EI_NIDENT) return fail("ELF header is truncated");
    const std::uint8_t elf_class = ident(bytes, EI_CLASS);
    const std::uint8_t order = ident(bytes, EI_DATA);
    if (elf_class != ELFCLASS32 && elf_class != ELFCLASS64) {
      return fail("unknown ELF class " + std::to_string(elf_class));
    }
    if (order != ELFDATA2LSB && order != ELFDATA2MSB) return fail("unknown ELF byte order " + std::to_string(order));
    layout_ = {static_cast<Class>(elf_class), static_cast<ByteOrder>(order)};
    if (bytes.size() < layout_.elf_header_size()) return fail("ELF header is truncated");
    const ElfHeader header = layout_.decode_elf_header(bytes);
    head_.abi = {header.machine, layout_.elf_class, layout_.order};
    head_.type = header.type;
    head_.e_flags = header.flags;
    head_.ei_pax = ident(bytes, 14);
    head_.identification_valid = is_identification_valid(bytes, header);
    if (const char* const reason = read_program_headers(header)) return fail(reason);
    if (window_.error() != 0) return base::system_error("read", name_, window_.error());
    return std::move(head_);
  }

 private:
  base::Error fail(std::string reason) const {
    if (window_.error() != 0) return base::system_error("read", name_, window_.error());
    return {"read", std::string(name_), std::move(reason)};
  }

  // nullptr, or the reason why the object cannot be used.
  const char* read_program_headers(const ElfHeader& header) {
    if (header.program_header_count == 0) return nullptr;
    if (header.program_header_count == PN_XNUM) return "more than 65534 program headers";
    const std::size_t size = layout_.program_header_size();
    if (header.program_header_size != size) return "program headers are of the wrong size";
    if (header.program_headers_offset > std::numeric_limits<std::uint64_t>::max() - 65536 * size) {
      return "program headers lie beyond the end of the file";
    }
    std::optional<ProgramHeader> interpreter;
    if (segments_ != nullptr) segments_->reserve();
    for (std::size_t i = 0; i < header.program_header_count; ++i) {
      const std::uint64_t offset = header.program_headers_offset + i * size;
      const auto bytes = window_.view(offset, size);
      if (bytes.size() < size) return "program headers lie beyond the end of the file";
      const ProgramHeader entry = layout_.decode_program_header(bytes);
      if (entry.type == PT_INTERP && !interpreter) {
        interpreter = entry;
      } else {
        note(entry, offset);
      }
    }
    // Of size 0 in split debug files, which keep the headers but not what they describe.
    if (interpreter && interpreter->file_size != 0) {
      head_.interpreter = read_interpreter(window_, *interpreter);
      if (!head_.interpreter) return "PT_INTERP holds no string within the file";
    }
    return nullptr;
  }

  void note(const ProgramHeader& entry, std::uint64_t offset) {
    switch (entry.type) {
      case PT_LOAD:
        if ((entry.flags & PF_W) != 0 && (entry.flags & PF_X) != 0) head_.writable_executable_segment = true;
        if (segments_ != nullptr) segments_->loads.push_back(entry);
        break;
      case PT_NOTE:
        if (segments_ != nullptr) segments_->notes.push_back(entry);
        break;
      case PT_DYNAMIC:
        // glibc passes over an empty one, and takes the last of several.
        if (entry.file_size == 0) break;
        head_.dynamic = true;
        if (segments_ != nullptr) segments_->dynamic = entry;
        break;
      case PT_GNU_STACK:
        head_.stack = (entry.flags & PF_X) != 0 ? ExecutableStack::yes : ExecutableStack::no;
        break;
      case pax::pt_pax_flags:
        if (!head_.pax) head_.pax = PaxHeader{offset + layout_.program_header_flags_offset(), entry.flags};
        break;
      default:
        break;
    }
  }

  Window& window_;
  std::string_view name_;
  Segments* segments_;
  Layout layout_;
  Head head_;
};

}  // namespace

base::Result<Head> read_head(Window& window, std::string_view name, Segments* segments) {
  return HeadReader(window, name, segments).read();
}

base::Result<Head> parse_head(const ByteSource& source, std::string_view name) {
  Window window(source);
  return read_head(window, name, nullptr);
}

bool has_elf_magic(std::span<const std::byte> bytes) {
  return bytes.size() >= SELFMAG && std::memcmp(bytes.data(), ELFMAG, SELFMAG) == 0;
}

}  // namespace revdep::elf
