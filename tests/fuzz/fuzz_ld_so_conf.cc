// ld.so.conf, musl's path file and ld.so.preload from any bytes: no line or name is empty or holds its separators.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "loader/ld_so_conf.h"

namespace {

void expect(bool holds) {
  if (!holds) __builtin_trap();
}

bool has_any(std::string_view text, std::string_view bytes) {
  return text.find_first_of(bytes) != std::string_view::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace std::string_view_literals;
  using revdep::loader::ConfLine;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const ConfLine& line : revdep::loader::parse_ld_so_conf(text)) {
    expect(!line.text.empty() && !has_any(line.text, "#\n\0"sv));
    if (line.kind == ConfLine::Kind::include) {
      expect(!has_any(line.text, " \t"));
    } else {
      expect(line.text.back() != '/' && !has_any(line.text, "="));
    }
  }
  for (const std::string& directory : revdep::loader::parse_musl_path(text)) {
    expect(!directory.empty() && !has_any(directory, ":\n\0"sv));
  }
  for (const std::string& name : revdep::loader::parse_preload(text)) {
    expect(!name.empty() && !has_any(name, ": \t\n\0"sv));
  }
  return 0;
}
