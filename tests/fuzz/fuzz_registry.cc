// preserved_libs_registry from any bytes.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vdb/preserved_libs.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<revdep::base::Error> problems;
  const auto registry =
      revdep::vdb::parse_preserved_libs({reinterpret_cast<const char*>(data), size}, "registry", problems);
  if (!registry) return 0;
  for (const revdep::vdb::PreservedLibs& libs : *registry) {
    for (const std::string& path : libs.paths) {
      if (!path.starts_with('/') || path.find('\0') != std::string::npos) __builtin_trap();
    }
  }
  return 0;
}
