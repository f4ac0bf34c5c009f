// Where the parts of an ld.so.cache file lie: headers, entry table, extension section. Checks every offset of the
// headers against the size; what the entries say is the reader's business.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "elf/abi.h"

namespace revdep::loader {

constexpr std::size_t old_entry_size = 12;  // struct file_entry: flags, key, value
constexpr std::size_t new_entry_size = 24;  // struct file_entry_new: the same, osversion, hwcap

/// The file's bytes as fields of its byte order.
class CacheBytes {
 public:
  CacheBytes(std::string_view bytes, elf::ByteOrder order) : bytes_(bytes), order_(order) {}

  /// The field at `offset`, which must lie inside.
  [[nodiscard]] std::uint32_t u32(std::size_t offset) const;
  [[nodiscard]] std::uint64_t u64(std::size_t offset) const;

  /// The NUL-terminated string at `offset`; nullopt when it starts outside, does not end, or is longer than any path.
  [[nodiscard]] std::optional<std::string_view> string(std::size_t offset) const;

 private:
  std::string_view bytes_;
  elf::ByteOrder order_;
};

struct CacheLayout {
  elf::ByteOrder order = elf::ByteOrder::little;
  std::size_t entries = 0;  ///< offset of the first
  std::size_t entry_size = new_entry_size;
  std::size_t count = 0;                   ///< all lie inside
  std::size_t strings = 0;                 ///< what the entries' keys and values count from
  std::vector<std::uint32_t> hwcap_names;  ///< offsets in the file, in the order of their indices
};

base::Result<CacheLayout> locate_cache(std::string_view bytes, std::string_view name);

}  // namespace revdep::loader
