#include "loader/ld_cache.h"

#include <elf.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "loader/ld_cache_layout.h"

namespace revdep::loader {
namespace {

// The ISA level of the object's x86 property note; it lies above the index in a named entry's hwcap field.
constexpr std::uint64_t isa_level_mask = 0x3ff;
constexpr std::uint64_t named_hwcap_bit = std::uint64_t{1} << 62;

// Whether the lower half of the hwcap field is an index into the extension section (dl_cache_hwcap_extension).
bool is_named(std::uint64_t hwcap) { return ((hwcap >> 32) & ~isa_level_mask) == named_hwcap_bit >> 32; }

// sysdeps/**/dl-cache.h: _dl_cache_check_flags and _DL_CACHE_DEFAULT_ID of each ABI.
struct UsableFlags {
  std::uint16_t machine;
  elf::Class elf_class;
  std::int32_t flags;
  bool settles;  // is the default id, behind which no better entry is looked for
};
constexpr UsableFlags usable_flags[] = {
    {EM_X86_64, elf::Class::elf64, 0x303, true},
    {EM_X86_64, elf::Class::elf32, 0x803, true},
    {EM_AARCH64, elf::Class::elf64, 0xa03, true},
    {EM_PPC64, elf::Class::elf64, 0x503, true},
    {EM_S390, elf::Class::elf64, 0x403, true},
    {EM_SPARCV9, elf::Class::elf64, 0x103, true},
    {EM_IA_64, elf::Class::elf64, 0x203, true},
    // Hard and soft float; an object without the mark goes with both, and is what the loader's default id names.
    {EM_ARM, elf::Class::elf32, 0x903, false},
    {EM_ARM, elf::Class::elf32, 0xb03, false},
    {EM_ARM, elf::Class::elf32, 3, true},
    // Double and soft float.
    {EM_RISCV, elf::Class::elf64, 0x1003, true},
    {EM_RISCV, elf::Class::elf64, 0xf03, true},
    {EM_RISCV, elf::Class::elf32, 0x1003, true},
    {EM_RISCV, elf::Class::elf32, 0xf03, true},
    {EM_LOONGARCH, elf::Class::elf64, 0x1203, true},
    {EM_LOONGARCH, elf::Class::elf64, 0x1103, true},
    // Legacy and 2008 NaN: n64; n32; o32.
    {EM_MIPS, elf::Class::elf64, 0x703, true},
    {EM_MIPS, elf::Class::elf64, 0xe03, true},
    {EM_MIPS, elf::Class::elf32, 0x603, true},
    {EM_MIPS, elf::Class::elf32, 0xd03, true},
    {EM_MIPS, elf::Class::elf32, 0xc03, true},
    {EM_MIPS, elf::Class::elf32, 3, true},
    {EM_MIPS, elf::Class::elf32, 1, false},
};

enum class Use : unsigned char { none, acceptable, settling };

Use use_of(std::int32_t flags, elf::Abi abi) {
  bool known = false;
  for (const UsableFlags& row : usable_flags) {
    if (row.machine != abi.machine || row.elf_class != abi.elf_class) continue;
    known = true;
    if (row.flags == flags) return row.settles ? Use::settling : Use::acceptable;
  }
  if (known) return Use::none;
  return flags == 3 ? Use::settling : flags == 1 ? Use::acceptable : Use::none;
}

// 1 for the strongest subdirectory; 0: not to be used on this CPU.
std::size_t priority_of(const CacheEntry& entry, elf::Abi abi, std::span<const std::string> hwcaps) {
  const std::uint64_t level = (entry.hwcap >> 32) & isa_level_mask;
  if (abi.machine == EM_X86_64 && level != 0) {
    const std::string needed = "x86-64-v" + std::to_string(level + 1);
    if (std::find(hwcaps.begin(), hwcaps.end(), needed) == hwcaps.end()) return 0;
  }
  const auto found = std::find(hwcaps.begin(), hwcaps.end(), entry.hwcap_name);
  return found == hwcaps.end() ? 0 : static_cast<std::size_t>(found - hwcaps.begin()) + 1;
}

bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

// Takes the number at `position`. It wraps as the loader's int does.
std::uint32_t take_number(std::string_view text, std::size_t& position) {
  std::uint32_t value = 0;
  for (; position < text.size() && is_digit(text[position]); ++position) {
    value = value * 10 + static_cast<std::uint32_t>(text[position] - '0');
  }
  return value;
}

}  // namespace

int compare_cache_names(std::string_view left, std::string_view right) {
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < left.size()) {
    const char ours = left[i];
    const char theirs = j < right.size() ? right[j] : '\0';
    if (is_digit(ours) && is_digit(theirs)) {
      const std::uint32_t difference = take_number(left, i) - take_number(right, j);
      if (difference != 0) return static_cast<std::int32_t>(difference);
    } else if (is_digit(ours)) {
      return 1;
    } else if (is_digit(theirs)) {
      return -1;
    } else if (ours != theirs) {
      // Plain char of the machines at hand is signed.
      return static_cast<signed char>(ours) - static_cast<signed char>(theirs);
    } else {
      ++i;
      ++j;
    }
  }
  return j < right.size() ? -static_cast<signed char>(right[j]) : 0;
}

base::Result<LdCache> LdCache::parse(std::string bytes, std::string_view name) {
  LdCache cache;
  cache.bytes_ = std::make_unique<const std::string>(std::move(bytes));
  const auto fail = [&](std::string_view reason) {
    return base::Error{"parse", std::string(name), std::string(reason)};
  };
  const base::Result<CacheLayout> layout = locate_cache(*cache.bytes_, name);
  if (!layout) return layout.error();
  const CacheBytes file(*cache.bytes_, layout->order);

  std::vector<std::string_view> hwcap_names;
  for (const std::uint32_t offset : layout->hwcap_names) {
    const std::optional<std::string_view> text = file.string(offset);
    if (!text) return fail("the name of a glibc-hwcaps subdirectory lies outside the file");
    hwcap_names.push_back(*text);
  }
  cache.has_hwcaps_ = layout->entry_size == new_entry_size;
  cache.entries_.reserve(layout->count);
  for (std::size_t i = 0; i < layout->count; ++i) {
    const std::size_t at = layout->entries + i * layout->entry_size;
    const std::optional<std::string_view> key = file.string(layout->strings + file.u32(at + 4));
    const std::optional<std::string_view> value = file.string(layout->strings + file.u32(at + 8));
    if (!key || !value) return fail("a name of entry " + std::to_string(i) + " lies outside the file");
    CacheEntry entry{static_cast<std::int32_t>(file.u32(at)), *key, *value, 0, {}};
    if (cache.has_hwcaps_) entry.hwcap = file.u64(at + 16);
    const std::uint64_t index = entry.hwcap & 0xffffffff;
    if (is_named(entry.hwcap) && index < hwcap_names.size()) entry.hwcap_name = hwcap_names[index];
    cache.entries_.push_back(entry);
  }
  return cache;
}

std::string_view LdCache::find(std::string_view name, elf::Abi abi, std::span<const std::string> hwcaps,
                               std::uint64_t legacy_hwcap) const {
  // search_cache of glibc 2.36. Its order of tests is kept: entries equal in name may differ in all else.
  std::ptrdiff_t left = 0;
  std::ptrdiff_t right = std::ssize(entries_) - 1;
  const auto entry_at = [&](std::ptrdiff_t index) -> const CacheEntry& {
    return entries_[static_cast<std::size_t>(index)];
  };
  std::ptrdiff_t middle = 0;
  while (true) {
    if (left > right) return {};
    middle = (left + right) / 2;
    const int order = compare_cache_names(name, entry_at(middle).name);
    if (order == 0) break;
    if (order < 0) {
      left = middle + 1;
    } else {
      right = middle - 1;
    }
  }
  const std::ptrdiff_t hit = middle;
  while (middle > 0 && compare_cache_names(name, entry_at(middle - 1).name) == 0) --middle;

  const CacheEntry* best = nullptr;
  std::size_t best_priority = 0;
  for (; middle <= right; ++middle) {
    const CacheEntry& entry = entry_at(middle);
    if (middle > hit && compare_cache_names(name, entry.name) != 0) break;
    const Use use = use_of(entry.flags, abi);
    if (use == Use::none || (best != nullptr && use != Use::settling)) continue;
    if (is_named(entry.hwcap)) {
      const std::size_t priority = priority_of(entry, abi, hwcaps);
      if (priority == 0 || (best != nullptr && priority >= best_priority)) continue;
      best = &entry;
      best_priority = priority;
      continue;
    }
    // Named entries stand before all others: the best of them has been seen. The old format knows no such order.
    if (best != nullptr && has_hwcaps_) break;
    if ((entry.hwcap & ~legacy_hwcap) != 0) continue;
    best = &entry;
    if (use == Use::settling) break;
  }
  return best == nullptr ? std::string_view() : best->path;
}

}  // namespace revdep::loader
