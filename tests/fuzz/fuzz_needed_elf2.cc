// Both spellings of a package's needed entries, from any bytes.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "vdb/needed.h"

namespace {

void expect(bool holds) {
  if (!holds) __builtin_trap();
}

// No line is used twice or lost without a word, and what was used lies inside the text.
void check(std::string_view text, const revdep::vdb::NeededFile& file) {
  std::size_t lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  if (!text.empty() && !text.ends_with('\n')) ++lines;
  expect(file.lines.size() + file.problems.size() <= lines);
  const auto is_inside = [&](std::string_view part) {
    return part.empty() || (part.data() >= text.data() && part.data() + part.size() <= text.data() + text.size());
  };
  for (const revdep::vdb::NeededLine& line : file.lines) {
    expect(line.line >= 1 && line.line <= lines);
    expect(line.path.starts_with('/') && line.path.find('\0') == std::string_view::npos);
    for (const std::string_view field : {line.arch, line.path, line.soname, line.rpath, line.needed, line.category}) {
      expect(is_inside(field) && field.find('\n') == std::string_view::npos);
    }
    revdep::vdb::for_each_needed(line.needed, [&](std::string_view name) {
      expect(is_inside(name) && !name.empty() && name.find(',') == std::string_view::npos);
    });
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(text, revdep::vdb::parse_needed_elf2(text));
  check(text, revdep::vdb::parse_needed(text));
  return 0;
}
