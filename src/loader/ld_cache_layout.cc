#include "loader/ld_cache_layout.h"

#include <climits>
#include <string>

namespace revdep::loader {
namespace {

constexpr std::string_view old_magic = "ld.so-1.7.0";
constexpr std::string_view new_magic = "glibc-ld.so.cache1.1";
constexpr std::size_t old_header_size = 16;
constexpr std::size_t new_header_size = 48;

// Fields of struct cache_file and cache_file_new.
constexpr std::size_t old_count_at = 12;
constexpr std::size_t new_count_at = 20;
constexpr std::size_t flags_at = 28;
constexpr std::size_t extension_offset_at = 32;

constexpr std::uint32_t extension_magic = 0xeaa42174;
constexpr std::size_t extension_header_size = 8;    // magic, count
constexpr std::size_t extension_section_size = 16;  // tag, flags, offset, size
constexpr std::uint32_t hwcaps_tag = 1;

bool fits(std::string_view bytes, std::size_t offset, std::size_t size) {
  return offset <= bytes.size() && size <= bytes.size() - offset;
}

// The byte order in which `count` entries of `entry_size` at `entries` fit into the file; for headers that do not tell.
std::optional<elf::ByteOrder> guess_order(std::string_view bytes, std::size_t count_at, std::size_t entries,
                                          std::size_t entry_size) {
  for (const elf::ByteOrder order : {elf::ByteOrder::little, elf::ByteOrder::big}) {
    if (fits(bytes, entries, CacheBytes(bytes, order).u32(count_at) * entry_size)) return order;
  }
  return std::nullopt;
}

// The offsets of the glibc-hwcaps names (cache_extension_load and _verify). As the loader does, a broken extension is
// taken for none: the entries that need it are then not usable.
std::vector<std::uint32_t> read_hwcap_names(std::string_view bytes, const CacheBytes& file, std::size_t extension) {
  if (extension == 0 || extension % 4 != 0 || !fits(bytes, extension, extension_header_size)) return {};
  if (file.u32(extension) != extension_magic) return {};
  const std::size_t count = file.u32(extension + 4);
  const std::size_t sections = extension + extension_header_size;
  if (!fits(bytes, sections, count * extension_section_size)) return {};
  std::size_t offset = 0;
  std::size_t size = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t section = sections + i * extension_section_size;
    if (!fits(bytes, file.u32(section + 8), file.u32(section + 12))) return {};
    if (file.u32(section) != hwcaps_tag) continue;
    offset = file.u32(section + 8);
    size = file.u32(section + 12);
  }
  if (offset % 4 != 0 || size % 4 != 0) return {};
  std::vector<std::uint32_t> names;
  for (std::size_t at = offset; at < offset + size; at += 4) names.push_back(file.u32(at));
  return names;
}

base::Error fail(std::string_view name, std::string_view reason) {
  return {"parse", std::string(name), std::string(reason)};
}

// The new format, starting at `start`.
base::Result<CacheLayout> locate_new(std::string_view bytes, std::size_t start, std::string_view name) {
  if (!fits(bytes, start, new_header_size)) return fail(name, "truncated header");
  CacheLayout layout;
  layout.entries = start + new_header_size;
  layout.strings = start;
  std::optional<elf::ByteOrder> order;
  switch (bytes[start + flags_at] & 3) {
    case 0:  // written before glibc 2.33
      order = guess_order(bytes, start + new_count_at, layout.entries, new_entry_size);
      break;
    case 2:
      order = elf::ByteOrder::little;
      break;
    case 3:
      order = elf::ByteOrder::big;
      break;
    default:
      return fail(name, "marked as invalid");
  }
  if (!order) return fail(name, "more entries than its size allows");
  layout.order = *order;
  const CacheBytes file(bytes, layout.order);
  layout.count = file.u32(start + new_count_at);
  if (!fits(bytes, layout.entries, layout.count * new_entry_size)) {
    return fail(name, "more entries than its size allows");
  }
  layout.hwcap_names = read_hwcap_names(bytes, file, file.u32(start + extension_offset_at));
  return layout;
}

}  // namespace

std::uint32_t CacheBytes::u32(std::size_t offset) const {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t shift = order_ == elf::ByteOrder::little ? i * 8 : (3 - i) * 8;
    value |= std::uint32_t{static_cast<unsigned char>(bytes_[offset + i])} << shift;
  }
  return value;
}

std::uint64_t CacheBytes::u64(std::size_t offset) const {
  const std::uint64_t first = u32(offset);
  const std::uint64_t second = u32(offset + 4);
  return order_ == elf::ByteOrder::little ? first | second << 32 : second | first << 32;
}

std::optional<std::string_view> CacheBytes::string(std::size_t offset) const {
  if (offset >= bytes_.size()) return std::nullopt;
  const std::string_view rest = bytes_.substr(offset, PATH_MAX);
  const std::size_t end = rest.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  return rest.substr(0, end);
}

base::Result<CacheLayout> locate_cache(std::string_view bytes, std::string_view name) {
  if (bytes.starts_with(new_magic)) return locate_new(bytes, 0, name);
  if (!bytes.starts_with(old_magic)) return fail(name, "not a cache of the dynamic loader");
  if (bytes.size() < old_header_size) return fail(name, "truncated header");
  const std::optional<elf::ByteOrder> order = guess_order(bytes, old_count_at, old_header_size, old_entry_size);
  if (!order) return fail(name, "more entries than its size allows");
  CacheLayout layout{*order, old_header_size, old_entry_size, CacheBytes(bytes, *order).u32(old_count_at), 0, {}};
  layout.strings = old_header_size + layout.count * old_entry_size;
  // The new format follows, aligned as its 64-bit fields are: to 8 bytes, on i386 to 4.
  for (const std::size_t alignment : {std::size_t{8}, std::size_t{4}}) {
    const std::size_t start = (layout.strings + alignment - 1) / alignment * alignment;
    if (start <= bytes.size() && bytes.substr(start).starts_with(new_magic)) return locate_new(bytes, start, name);
  }
  return layout;
}

}  // namespace revdep::loader
