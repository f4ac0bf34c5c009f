// ld.so.cache: bytes in, look-ups out. The format of glibc's sysdeps/generic/dl-cache.h (old, new, and both in one file).
#pragma once

#include <cstdint>
#include <optional>
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
  std::uint64_t hwcap = 0;
  std::string_view hwcap_name;  ///< glibc-hwcaps subdirectory (extension section), else ""
};

class LdCache {
 public:
  /// An empty cache: finds nothing.
  LdCache() = default;

  /// Parses a whole cache file; keeps the bytes. Error: no known magic, truncated, offsets outside, wrong byte order.
  static base::Result<LdCache> parse(std::string bytes, std::string_view name);

  /// The path that glibc takes for `name`: the binary search of dl-cache.c (numbers compared as numbers, so libw.so.1
  /// equals libw.so.01), among entries usable for `abi`, hwcaps subdirectories first in the order of `hwcaps`
  /// (strongest first). "" when there is none.
  [[nodiscard]] std::string_view find(std::string_view name, elf::Abi abi, std::span<const std::string> hwcaps) const;

  [[nodiscard]] const std::vector<CacheEntry>& entries() const { return entries_; }

 private:
  std::string bytes_;
  std::vector<CacheEntry> entries_;  // in the file's order: descending
};

/// dl-cache.c's _dl_cache_libcmp: negative, 0 or positive.
int compare_cache_names(std::string_view left, std::string_view right);

}  // namespace revdep::loader
