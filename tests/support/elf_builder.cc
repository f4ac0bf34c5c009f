#include "support/elf_builder.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "support/temp_dir.h"

namespace revdep::elf_builder {
namespace {

constexpr std::uint64_t page = 0x1000;

enum : std::uint32_t {
  pt_load = 1,
  pt_dynamic = 2,
  pt_interp = 3,
  pt_note = 4,
  pt_phdr = 6,
  pt_gnu_stack = 0x6474e551,
  pt_pax = 0x65041580,
};
enum : std::uint64_t {
  dt_null = 0,
  dt_needed = 1,
  dt_hash = 4,
  dt_strtab = 5,
  dt_symtab = 6,
  dt_strsz = 10,
  dt_syment = 11,
  dt_soname = 14,
  dt_rpath = 15,
  dt_textrel = 22,
  dt_runpath = 29,
  dt_flags_1 = 0x6ffffffb,
  dt_auxiliary = 0x7ffffffd,
  dt_filter = 0x7fffffff,
};

struct Segment {
  std::uint32_t type = 0;
  std::uint32_t flags = 0;
  std::uint64_t offset = 0;
  std::uint64_t address = 0;
  std::uint64_t file_size = 0;
  std::uint64_t memory_size = 0;
  std::uint64_t alignment = 0;
};

// Bytes in the object's byte order; a "word" is as wide as its addresses.
class Writer {
 public:
  explicit Writer(elf::Abi abi) : abi_(abi) {}

  [[nodiscard]] bool is_64() const { return abi_.elf_class == elf::Class::elf64; }
  [[nodiscard]] std::uint64_t word_size() const { return is_64() ? 8 : 4; }
  [[nodiscard]] std::uint64_t size() const { return bytes_.size(); }

  void number(std::uint64_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) {
      const std::size_t byte = abi_.order == elf::ByteOrder::little ? i : width - 1 - i;
      bytes_.push_back(static_cast<std::byte>(value >> (8 * byte)));
    }
  }
  void half(std::uint64_t value) { number(value, 2); }
  void word32(std::uint64_t value) { number(value, 4); }
  void word(std::uint64_t value) { number(value, word_size()); }
  void text(std::string_view text) {
    for (const char c : text) bytes_.push_back(static_cast<std::byte>(c));
  }
  void zeros(std::size_t count) { bytes_.resize(bytes_.size() + count); }
  void align(std::size_t alignment) { bytes_.resize((bytes_.size() + alignment - 1) / alignment * alignment); }

  void segment(const Segment& s) {
    word32(s.type);
    if (is_64()) word32(s.flags);
    word(s.offset);
    word(s.address);
    word(s.address);
    word(s.file_size);
    word(s.memory_size);
    if (!is_64()) word32(s.flags);
    word(s.alignment);
  }

  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  elf::Abi abi_;
  std::vector<std::byte> bytes_;
};

// The string table and the dynamic entries that refer to it.
class Dynamic {
 public:
  void entry(std::uint64_t tag, std::uint64_t value) { entries_.emplace_back(tag, value); }
  void name(std::uint64_t tag, const std::string& text) {
    entry(tag, strings_.size());
    strings_ += text + '\0';
  }
  void names(std::uint64_t tag, const std::vector<std::string>& texts) {
    for (const std::string& text : texts) name(tag, text);
  }

  [[nodiscard]] const std::string& strings() const { return strings_; }
  [[nodiscard]] const auto& entries() const { return entries_; }

 private:
  std::string strings_ = std::string(1, '\0');
  std::vector<std::pair<std::uint64_t, std::uint64_t>> entries_;
};

void write_header(Writer& out, const Object& object, std::uint64_t entry, std::size_t segments) {
  out.text(
      "\x7f"
      "ELF");
  out.number(static_cast<std::uint8_t>(object.abi.elf_class), 1);
  out.number(static_cast<std::uint8_t>(object.abi.order), 1);
  out.number(object.ident_version, 1);
  out.number(object.osabi, 1);
  out.number(object.abi_version, 1);
  for (const std::uint8_t byte : object.ident_padding) out.number(byte, 1);
  out.half(object.type);
  out.half(object.abi.machine);
  out.word32(1);  // e_version
  out.word(entry);
  const std::uint64_t header_size = out.is_64() ? 64 : 52;
  out.word(segments == 0 ? 0 : header_size);  // e_phoff
  out.word(0);                                // e_shoff
  out.word32(object.e_flags);
  out.half(header_size);
  out.half(out.is_64() ? 56 : 32);  // e_phentsize
  out.half(segments);
  out.half(out.is_64() ? 64 : 40);  // e_shentsize
  out.half(0);
  out.half(0);
}

void write_dlopen_note(Writer& out, const std::string& json) {
  out.word32(4);
  out.word32(json.size() + 1);
  out.word32(0x407c0c0a);
  out.text(std::string_view("FDO\0", 4));
  out.text(json);
  out.zeros(1);
  out.align(4);
}

Dynamic names_of(const Object& object) {
  Dynamic dynamic;
  dynamic.names(dt_needed, object.needed);
  dynamic.names(dt_auxiliary, object.auxiliary);
  dynamic.names(dt_filter, object.filter);
  if (object.soname) dynamic.name(dt_soname, *object.soname);
  if (object.rpath) dynamic.name(dt_rpath, *object.rpath);
  if (object.runpath) dynamic.name(dt_runpath, *object.runpath);
  if (object.flags_1 != 0) dynamic.entry(dt_flags_1, object.flags_1);
  if (object.text_relocations) dynamic.entry(dt_textrel, 0);
  return dynamic;
}

// Everything behind the program headers, laid out from `start`; fills `segments`, whose number must not depend on it.
void write_body(Writer& out, const Object& object, std::uint64_t base, std::uint64_t start,
                std::vector<Segment>& segments) {
  const auto span = [&](std::uint32_t type, std::uint32_t flags, std::uint64_t from, std::uint64_t alignment) {
    const std::uint64_t size = start + out.size() - from;
    segments.push_back({type, flags, from, base + from, size, size, alignment});
  };
  out.zeros(object.gap);
  if (object.interpreter) {
    const std::uint64_t header_size = out.is_64() ? 64 : 52;
    segments.push_back(
        {pt_phdr, pf_r, header_size, base + header_size, start - header_size, start - header_size, out.word_size()});
    const std::uint64_t from = start + out.size();
    out.text(*object.interpreter);
    out.zeros(1);
    span(pt_interp, pf_r, from, 1);
  }
  const std::size_t load = segments.size();
  if (object.type != et_rel) segments.push_back({});
  if (!object.dlopen_notes.empty()) {
    out.align(8);  // `start` is a multiple of 4, so that this keeps a note's 4-byte alignment
    const std::uint64_t from = start + out.size();
    for (const std::string& json : object.dlopen_notes) write_dlopen_note(out, json);
    span(pt_note, pf_r, from, 4);
  }
  if (object.dynamic && object.type != et_rel) {
    Dynamic dynamic = names_of(object);
    dynamic.entry(dt_strtab, base + start + out.size());
    dynamic.entry(dt_strsz, dynamic.strings().size());
    out.text(dynamic.strings());
    out.zeros((8 - (start + out.size()) % 8) % 8);
    dynamic.entry(dt_hash, base + start + out.size());
    for (const std::uint32_t value : {1U, 1U, 0U, 0U}) out.word32(value);  // one bucket, one symbol: the null symbol
    dynamic.entry(dt_symtab, base + start + out.size());
    const std::uint64_t symbol_size = out.is_64() ? 24 : 16;
    dynamic.entry(dt_syment, symbol_size);
    out.zeros(symbol_size);
    dynamic.entry(dt_null, 0);
    const std::uint64_t from = start + out.size();
    for (const auto& [tag, value] : dynamic.entries()) {
      out.word(tag);
      out.word(value);
    }
    span(pt_dynamic, pf_r | pf_w, from, out.word_size());
  }
  const std::uint64_t end = start + out.size();
  if (object.type != et_rel) segments[load] = {pt_load, pf_r | pf_w, 0, base, end, end, page};
  if (object.writable_executable_segment) {
    const std::uint64_t address = base + (end + page - 1) / page * page;
    const auto next = segments.begin() + static_cast<std::ptrdiff_t>(std::min(load + 1, segments.size()));
    segments.insert(next, {pt_load, pf_r | pf_w | pf_x, 0, address, 0, page, page});
  }
  if (object.stack_flags && object.type != et_rel)
    segments.push_back({pt_gnu_stack, *object.stack_flags, 0, 0, 0, 0, 16});
  for (const std::uint32_t flags : object.pax_flags) segments.push_back({pt_pax, flags, 0, 0, 0, 0, out.word_size()});
}

}  // namespace

Object program(std::vector<std::string> needed, elf::Abi abi) {
  Object object;
  object.abi = abi;
  object.interpreter = abi == x86_64 ? "/lib64/ld-linux-x86-64.so.2"
                       : abi == x32  ? "/libx32/ld-linux-x32.so.2"
                       : abi == i386 ? "/lib/ld-linux.so.2"
                                     : "/lib/ld.so.1";
  object.flags_1 = df_1_pie;
  object.needed = std::move(needed);
  return object;
}

Object library(std::string soname, std::vector<std::string> needed, elf::Abi abi) {
  Object object;
  object.abi = abi;
  object.soname = std::move(soname);
  object.needed = std::move(needed);
  return object;
}

std::vector<std::byte> image(const Object& object) {
  const bool is_64 = object.abi.elf_class == elf::Class::elf64;
  const std::uint64_t base = object.type != et_exec ? 0 : is_64 ? 0x400000 : 0x8048000;
  // Laid out twice: the first pass only counts the program headers.
  std::uint64_t start = 0;
  for (const bool counting : {true, false}) {
    Writer body(object.abi);
    std::vector<Segment> segments;
    write_body(body, object, base, start, segments);
    if (counting) {
      start = (is_64 ? 64 : 52) + segments.size() * (is_64 ? 56 : 32);
      continue;
    }
    Writer head(object.abi);
    write_header(head, object, base + start, segments.size());
    for (const Segment& segment : segments) head.segment(segment);
    std::vector<std::byte> bytes = head.take();
    const std::vector<std::byte> rest = body.take();
    bytes.insert(bytes.end(), rest.begin(), rest.end());
    return bytes;
  }
  return {};
}

void write_object(const std::filesystem::path& path, const Object& object, unsigned mode) {
  support::write_file(path, image(object), mode);
}

}  // namespace revdep::elf_builder
