// The loader's view of the dynamic section: found by address through the PT_LOADs, read up to DT_NULL, names taken from
// DT_STRTAB. DT_STRSZ is not looked at, because neither glibc nor musl does.
#include <elf.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "elf/image.h"

namespace revdep::elf {
namespace {

// Far above anything real, so that a hostile object costs no more than a large one.
constexpr std::uint64_t entry_limit = 65536;
constexpr std::size_t string_step = 256;
constexpr std::size_t string_limit = 65536;          // one name or search path
constexpr std::size_t all_strings_limit = 1U << 20;  // of one object

// A name that the dynamic section refers to.
struct Wanted {
  std::int64_t tag = 0;
  std::uint64_t offset = 0;  // in the string table
  std::optional<std::string> text{};
};

struct Table {
  std::vector<Wanted> names;  // in the order of the section
  std::optional<std::uint64_t> strings_address;
};

bool is_name(std::int64_t tag) {
  return tag == DT_NEEDED || tag == DT_SONAME || tag == DT_RPATH || tag == DT_RUNPATH || tag == DT_AUXILIARY ||
         tag == DT_FILTER;
}

Table read_table(Window& window, const Layout& layout, Extent extent, Facts& facts) {
  Table table;
  const std::size_t size = layout.dynamic_entry_size();
  const std::uint64_t count = std::min(extent.size / size, entry_limit);
  if (extent.offset > std::numeric_limits<std::uint64_t>::max() - count * size) {
    report(facts, "the dynamic section lies beyond the end of the file");
    return table;
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto bytes = window.view(extent.offset + i * size, size);
    if (bytes.size() < size) {
      report(facts, "the dynamic section lies beyond the end of the file");
      return table;
    }
    const DynamicEntry entry = layout.decode_dynamic_entry(bytes);
    if (entry.tag == DT_NULL) return table;
    if (is_name(entry.tag)) table.names.push_back({entry.tag, entry.value});
    // Of entries that may occur once the loader keeps the last.
    if (entry.tag == DT_STRTAB) table.strings_address = entry.value;
    if (entry.tag == DT_FLAGS_1) {
      facts.pie = (entry.value & DF_1_PIE) != 0;
      facts.no_default_lib = (entry.value & DF_1_NODEFLIB) != 0;
    }
    if (entry.tag == DT_TEXTREL || (entry.tag == DT_FLAGS && (entry.value & DF_TEXTREL) != 0)) {
      facts.text_relocations = true;
    }
  }
  report(facts, count == entry_limit ? "the dynamic section is too long" : "the dynamic section has no end");
  return table;
}

// The string at `offset` of the file, at most `available` bytes of it. nullopt: no NUL in them.
std::optional<std::string> read_string(Window& window, std::uint64_t offset, std::uint64_t available) {
  std::string text;
  while (available > 0 && text.size() < string_limit) {
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(available, string_step));
    const auto bytes = window.view(offset, length);
    const auto end = std::ranges::find(bytes, std::byte{0});
    const auto count = static_cast<std::size_t>(end - bytes.begin());
    const std::size_t before = text.size();
    text.resize(before + count);
    if (count != 0) std::memcpy(text.data() + before, bytes.data(), count);
    if (end != bytes.end()) return text;
    if (bytes.size() < length) break;
    offset += length;
    available -= length;
  }
  return std::nullopt;
}

void read_strings(Window& window, Extent strings, std::vector<Wanted>& names, Facts& facts) {
  // By offset, so that names that lie together are read together.
  std::vector<Wanted*> order;
  order.reserve(names.size());
  for (Wanted& name : names) order.push_back(&name);
  std::ranges::sort(order, {}, &Wanted::offset);
  std::size_t total = 0;
  for (Wanted* const name : order) {
    if (name->offset < strings.size && strings.offset <= std::numeric_limits<std::uint64_t>::max() - strings.size) {
      const std::uint64_t offset = strings.offset + name->offset;
      const std::uint64_t to_last = std::min<std::uint64_t>(order.back()->offset - name->offset, Window::capacity);
      if (!window.holds(offset, string_step)) window.fetch(offset, to_last + string_step);
      name->text = read_string(window, offset, strings.size - name->offset);
    }
    if (!name->text) {
      report(facts, "a name in the dynamic section lies outside the object or is too long");
      continue;
    }
    total += name->text->size();
    if (total > all_strings_limit) {
      report(facts, "the names in the dynamic section are too long");
      name->text.reset();
      return;
    }
  }
}

void assign(std::vector<Wanted>& names, Facts& facts) {
  for (Wanted& name : names) {
    if (!name.text) continue;
    switch (name.tag) {
      case DT_NEEDED:
        facts.needed.push_back(std::move(*name.text));
        break;
      case DT_AUXILIARY:
        facts.auxiliary.push_back(std::move(*name.text));
        break;
      case DT_FILTER:
        facts.filter.push_back(std::move(*name.text));
        break;
      case DT_SONAME:
        facts.soname = std::move(*name.text);
        break;
      case DT_RPATH:
        facts.rpath = std::move(*name.text);
        break;
      default:
        facts.runpath = std::move(*name.text);
        break;
    }
  }
}

}  // namespace

std::optional<Extent> locate(const std::vector<ProgramHeader>& loads, std::uint64_t address) {
  for (auto load = loads.rbegin(); load != loads.rend(); ++load) {
    if (address < load->address || address - load->address >= load->file_size) continue;
    const std::uint64_t into = address - load->address;
    if (load->offset > std::numeric_limits<std::uint64_t>::max() - load->file_size) return std::nullopt;
    return Extent{load->offset + into, load->file_size - into};
  }
  return std::nullopt;
}

void read_dynamic(Window& window, Window& spare, const Segments& segments, Facts& facts) {
  if (!segments.dynamic) return;
  const Layout layout{facts.head.abi.elf_class, facts.head.abi.order};
  // A segment that no PT_LOAD maps is of use to no loader; its file offset still tells what was meant.
  Extent extent = {segments.dynamic->offset, segments.dynamic->file_size};
  if (const auto mapped = locate(segments.loads, segments.dynamic->address)) {
    extent = {mapped->offset, std::min(mapped->size, segments.dynamic->file_size)};
  }
  const bool held =
      extent.size <= Window::capacity && window.holds(extent.offset, static_cast<std::size_t>(extent.size));
  if (!held) spare.fetch(extent.offset, extent.size);
  Table table = read_table(held ? window : spare, layout, extent, facts);
  if (table.names.empty()) return;
  const auto strings = table.strings_address ? locate(segments.loads, *table.strings_address) : std::nullopt;
  if (!strings) {
    report(facts, "the dynamic section's string table lies outside the object");
    return;
  }
  read_strings(window, *strings, table.names, facts);
  assign(table.names, facts);
}

}  // namespace revdep::elf
