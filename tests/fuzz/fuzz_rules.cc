// Rule files from any bytes: a line gives a rule or an error, never both; a rule spelled out again is the same rule.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "config/rules.h"

namespace {

void expect(bool holds) {
  if (!holds) __builtin_trap();
}

std::string quote(std::string_view name) {
  std::string quoted = "\"";
  for (const char letter : name) {
    if (letter == '"' || letter == '\\') quoted += '\\';
    quoted += letter;
  }
  return quoted + '"';
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using revdep::config::Load;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  revdep::config::Rules rules;
  const auto errors = revdep::config::parse_rules(text, "a.conf", rules);
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  expect(errors.size() + rules.loads.size() <= lines);
  std::string again;
  for (const Load& load : rules.loads) {
    expect(load.executables.starts_with('/') && load.libraries.starts_with('/') && load.line <= lines);
    again += "load " + quote(load.executables) + " -> " + quote(load.libraries) + '\n';
  }
  revdep::config::Rules spelled;
  expect(revdep::config::parse_rules(again, "b.conf", spelled).empty());
  expect(std::equal(spelled.loads.begin(), spelled.loads.end(), rules.loads.begin(), rules.loads.end(),
                    [](const Load& one, const Load& other) {
                      return one.executables == other.executables && one.libraries == other.libraries;
                    }));
  expect(revdep::config::parse_rules(again, "b.conf", spelled).size() == rules.loads.size());
  return 0;
}
