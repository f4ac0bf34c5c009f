// CONTENTS, and the `metadata` file beside it, from any bytes.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "vdb/contents.h"
#include "vdb/database.h"

namespace {

void expect(bool holds) {
  if (!holds) __builtin_trap();
}

std::string_view keyword(revdep::vdb::EntryType type) {
  using revdep::vdb::EntryType;
  switch (type) {
    case EntryType::directory:
      return "dir ";
    case EntryType::object:
      return "obj ";
    case EntryType::symlink:
      return "sym ";
    case EntryType::fifo:
      return "fif ";
    case EntryType::device:
      return "dev ";
  }
  return {};
}

// An entry put together again starts its line of the text; mtimes may be spelled in several ways.
void check(std::string_view text, const revdep::vdb::ContentsEntry& entry) {
  expect(entry.path.starts_with('/'));
  std::string again = std::string(keyword(entry.type)) + std::string(entry.path);
  if (entry.type == revdep::vdb::EntryType::object) again += ' ' + std::string(entry.md5) + ' ';
  if (entry.type == revdep::vdb::EntryType::symlink) again += " -> " + std::string(entry.target) + ' ';
  const std::size_t start = static_cast<std::size_t>(entry.path.data() - text.data()) - keyword(entry.type).size();
  expect(text.substr(start).starts_with(again));
  expect(start == 0 || text[start - 1] == '\n');
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const revdep::vdb::Contents contents = revdep::vdb::parse_contents(text);
  for (const revdep::vdb::ContentsEntry& entry : contents.entries) check(text, entry);
  (void)revdep::vdb::parse_metadata(text, 17);
  return 0;
}
