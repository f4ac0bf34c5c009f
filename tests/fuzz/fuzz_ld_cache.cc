// ld.so.cache from any bytes: parsed or refused; what is parsed lies inside, and every look-up answers with an entry.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loader/ld_cache.h"

namespace {

using revdep::elf::Abi;
using revdep::elf::ByteOrder;
using revdep::elf::Class;
using revdep::loader::CacheEntry;
using revdep::loader::LdCache;

void expect(bool holds) {
  if (!holds) __builtin_trap();
}

void look_up(const LdCache& cache, std::string_view name) {
  constexpr std::array<Abi, 4> abis{Abi{62, Class::elf64, ByteOrder::little}, Abi{3, Class::elf32, ByteOrder::little},
                                    Abi{40, Class::elf32, ByteOrder::little}, Abi{22, Class::elf64, ByteOrder::big}};
  static const std::vector<std::string> hwcaps{"x86-64-v3", "x86-64-v2"};
  for (const Abi& abi : abis) {
    const std::string_view path = cache.find(name, abi, hwcaps, std::uint64_t{1} << 63 | 2);
    const auto answers = [&](const CacheEntry& entry) {
      return entry.path.data() == path.data() && revdep::loader::compare_cache_names(name, entry.name) == 0;
    };
    expect(path.empty() || std::any_of(cache.entries().begin(), cache.entries().end(), answers));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto cache = LdCache::parse(std::string(reinterpret_cast<const char*>(data), size), "fuzz");
  if (!cache) {
    expect(!cache.error().reason.empty());
    return 0;
  }
  expect(cache->entries().size() * 12 <= size);
  for (const CacheEntry& entry : cache->entries()) {
    expect(entry.name.data()[entry.name.size()] == '\0' && entry.path.data()[entry.path.size()] == '\0');
  }
  for (const std::string_view name : {"libc.so.6", "libw.so.1", "", "lib10.so"}) look_up(*cache, name);
  if (!cache->entries().empty()) look_up(*cache, cache->entries()[cache->entries().size() / 2].name);
  return 0;
}
