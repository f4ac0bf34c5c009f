// Lists of other daemons from any bytes, the first of which chooses the format: every line that comes out is a rule, for one
// path, and no two are for the same.
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "config/glob.h"
#include "config/import.h"
#include "config/rules.h"

namespace {

void expect(bool holds) {
  if (!holds) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto format = static_cast<revdep::config::ForeignFormat>(data[0] % 3);
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const revdep::config::Imported imported = revdep::config::import_rules(format, text, "old.conf");
  for (const auto& error : imported.errors) expect(error.object.starts_with("old.conf:") && !error.reason.empty());
  revdep::config::Rules rules;
  expect(revdep::config::parse_rules(imported.rules, "new.conf", rules).empty());
  expect(rules.ignores.empty() && rules.requirements.empty() && rules.loads.empty());
  std::set<std::string> paths;
  for (const revdep::config::Mark& mark : rules.marks) {
    const std::string path = revdep::config::plain_path(mark.glob);
    expect(revdep::config::is_plain(mark.glob) && revdep::config::matches(mark.glob, path));
    expect(paths.insert(path).second);
  }
  return 0;
}
