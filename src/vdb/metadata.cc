// The format of Portage's `metadata` file; where the file comes from is the Database's business.
#include <array>
#include <string>
#include <utility>

#include "vdb/database.h"
#include "vdb/lines.h"

namespace revdep::vdb {
namespace {

constexpr std::string_view format_line = "#format=1";
constexpr std::string_view stamp_key = "#dir_mtime=";

struct Key {
  std::string_view prefix;
  std::string Metadata::*field;
};

constexpr std::array<Key, 4> keys{{
    {"SLOT=", &Metadata::slot},
    {"KEYWORDS=", &Metadata::keywords},
    {"CHOST=", &Metadata::chost},
    {"repository=", &Metadata::repository},
}};

}  // namespace

std::optional<Metadata> parse_metadata(std::string_view text, std::int64_t directory_mtime_ns) {
  // The stamp is written last and ends in a newline: a file cut short has none.
  const std::string last = std::string(stamp_key) + std::to_string(directory_mtime_ns) + '\n';
  if (!text.ends_with(last)) return std::nullopt;
  text.remove_suffix(last.size());
  if (!text.ends_with('\n')) return std::nullopt;

  Metadata metadata;
  bool known_format = false;
  for_each_line(text, [&](const Line& line) {
    if (line.number == 1) known_format = line.text == format_line;
    for (const Key& key : keys) {
      if (line.text.starts_with(key.prefix)) metadata.*key.field = line.text.substr(key.prefix.size());
    }
  });
  if (!known_format) return std::nullopt;
  return metadata;
}

}  // namespace revdep::vdb
