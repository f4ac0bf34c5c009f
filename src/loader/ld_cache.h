// ld.so.cache: bytes in, look-ups out. The format of glibc's sysdeps/generic/dl-cache.h (old, new, and both in one
// file). Does no I/O and does not check that what it answers still exists.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "elf/abi.h"

namespace revdep::loader {

struct CacheEntry {
  std::int32_t flags = 0;  ///< 0x303 x86-64, 0x803 x32, 3 i386, ... : what ldconfig found
  std::string_view name;   ///< soname it is filed under
  std::string_view path;
  std::uint64_t hwcap = 0;      ///< legacy capability bits, or bit 62, ISA level and index of a named subdirectory
  std::string_view hwcap_name;  ///< glibc-hwcaps subdirectory (extension section), else ""
};

class LdCache {
 public:
  /// An empty cache: finds nothing.
  LdCache() = default;

  /// Parses a whole cache file of either byte order; keeps the bytes. Error: no known magic, truncated, offsets
  /// outside, marked invalid. `name` is the file's, for the message.
  static base::Result<LdCache> parse(std::string bytes, std::string_view name);

  /// The path that glibc takes for `name`: the binary search of dl-cache.c (numbers compared as numbers, so libw.so.1
  /// equals libw.so.01), among entries usable for `abi`, hwcaps subdirectories first in the order of `hwcaps`
  /// (strongest first). An entry of a legacy hwcaps subdirectory counts if all its bits are in `legacy_hwcap`.
  /// "" when there is none. ABIs that differ in e_flags only (arm's and riscv's float ABIs, mips' n32 and NaN
  /// encodings) share their entries: a system has one of them.
  [[nodiscard]] std::string_view find(std::string_view name, elf::Abi abi, std::span<const std::string> hwcaps,
                                      std::uint64_t legacy_hwcap = 0) const;

  [[nodiscard]] const std::vector<CacheEntry>& entries() const { return entries_; }
  /// The file that was parsed.
  [[nodiscard]] std::string_view bytes() const { return bytes_ ? std::string_view(*bytes_) : std::string_view(); }

 private:
  std::unique_ptr<const std::string> bytes_;  // its own allocation, so that the views survive a move
  std::vector<CacheEntry> entries_;           // in the file's order: descending
  bool has_hwcaps_ = false;                   // the new format
};

/// dl-cache.c's _dl_cache_libcmp: negative, 0 or positive.
int compare_cache_names(std::string_view left, std::string_view right);

}  // namespace revdep::loader
