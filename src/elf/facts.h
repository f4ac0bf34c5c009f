// Facts of one ELF object: bytes in, facts out. libelf stays behind this header. Follows no path and keeps nothing open.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "elf/abi.h"
#include "pax/marking.h"

namespace revdep::elf {

/// Where the bytes of an object come from. `read_at` fills `out` from `offset` and returns how many bytes there were
/// (fewer at the end of the object); -1 with errno set on an I/O error.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual std::ptrdiff_t read_at(std::uint64_t offset, std::span<std::byte> out) const = 0;
};

class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::ptrdiff_t read_at(std::uint64_t offset, std::span<std::byte> out) const override;

 private:
  std::span<const std::byte> bytes_;
};

class FileSource final : public ByteSource {
 public:
  explicit FileSource(int fd) : fd_(fd) {}
  std::ptrdiff_t read_at(std::uint64_t offset, std::span<std::byte> out) const override;

 private:
  int fd_;
};

struct PaxHeader {
  std::uint64_t flags_offset = 0;  ///< file offset of the four bytes of p_flags, in the object's byte order
  std::uint32_t p_flags = 0;
  friend bool operator==(const PaxHeader&, const PaxHeader&) = default;
};

enum class ExecutableStack : std::uint8_t { unstated, no, yes };  // no PT_GNU_STACK; without PF_X; with PF_X

/// What e_ident, e_type and the program headers say. It lies in the first 4 KiB of nearly every object in the wild.
struct Head {
  Abi abi;
  std::uint16_t type = 0;  ///< e_type: ET_REL 1, ET_EXEC 2, ET_DYN 3, ET_CORE 4
  std::uint32_t e_flags = 0;
  std::uint8_t ei_pax = 0;  ///< e_ident[14]
  /// EI_VERSION, e_version, EI_OSABI (none or GNU), EI_ABIVERSION and the padding (EI_PAX is in there: 0) are what
  /// glibc's loader demands of a library. If not, meeting it is fatal to the loader: it does not search on.
  bool identification_valid = true;
  std::optional<std::string> interpreter;  ///< PT_INTERP
  std::optional<PaxHeader> pax;            ///< the first PT_PAX_FLAGS
  ExecutableStack stack = ExecutableStack::unstated;
  bool writable_executable_segment = false;  ///< a PT_LOAD with W and X
  bool dynamic = false;                      ///< has a PT_DYNAMIC that is not empty
};

/// One entry of `.note.dlopen` (UAPI.12): the first soname that is available is used.
struct DlopenNote {
  std::vector<std::string> sonames;
  std::string feature;
  std::string priority;  ///< "required", "recommended", "suggested"; "recommended" when absent
  friend bool operator==(const DlopenNote&, const DlopenNote&) = default;
};

/// What an ELF file shows that a PaX kernel will object to.
struct Hazards {
  bool text_relocations = false;
  bool writable_executable_segment = false;
  ExecutableStack stack = ExecutableStack::no;
  friend bool operator==(const Hazards&, const Hazards&) = default;
};

/// Strings are raw: nothing is expanded, nothing is resolved.
struct Facts {
  Head head;
  std::optional<std::string> soname;
  std::vector<std::string> needed;     ///< in the order of the dynamic section
  std::optional<std::string> rpath;    ///< DT_RPATH, also when DT_RUNPATH makes the loader ignore it
  std::optional<std::string> runpath;  ///< DT_RUNPATH; present and empty is not absent
  std::vector<std::string> auxiliary;  ///< DT_AUXILIARY
  std::vector<std::string> filter;     ///< DT_FILTER
  bool pie = false;                    ///< DF_1_PIE
  bool no_default_lib = false;         ///< DF_1_NODEFLIB
  bool text_relocations = false;       ///< DT_TEXTREL or DF_TEXTREL
  std::vector<DlopenNote> dlopen_notes;
  std::vector<std::string> problems;  ///< what the object promises and does not hold; the other facts stand
};

Hazards hazards_of(const Facts& facts);

/// What the kernel is asked to run: PT_INTERP, ET_EXEC, or DF_1_PIE.
[[nodiscard]] bool is_executable(const Facts& facts);

/// Parses header and program headers, `name` for messages only. Error: not an ELF object, truncated, or headers that
/// contradict themselves.
base::Result<Head> parse_head(const ByteSource& source, std::string_view name);

enum class Depth : std::uint8_t { notes, all };

/// parse_head, the notes and (Depth::all) the dynamic section. A relocatable object (.o, .ko) or a static program has facts
/// with no names.
base::Result<Facts> parse_facts(const ByteSource& source, std::string_view name, Depth depth = Depth::all);

/// Whether `bytes` begin as an ELF object does; without it parse_head's error says 'not an ELF object'.
[[nodiscard]] bool has_elf_magic(std::span<const std::byte> bytes);

}  // namespace revdep::elf
