#include "vdb/preserved_libs.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace revdep::vdb {
namespace {

using nlohmann::json;

bool is_absolute_path(const json& item) {
  const auto* const text = item.get_ptr<const json::string_t*>();
  return text != nullptr && text->starts_with('/') && text->find('\0') == std::string::npos;
}

// ["cat/pf", "counter", ["/path", ...]]; the counter is of no interest here.
std::optional<PreservedLibs> parse_entry(const std::string& package_slot, const json& entry) {
  if (!entry.is_array() || entry.size() != 3 || !entry[0].is_string() || !entry[2].is_array()) return std::nullopt;
  PreservedLibs libs{package_slot, entry[0].get<std::string>(), {}};
  libs.paths.reserve(entry[2].size());
  for (const json& path : entry[2]) {
    if (!is_absolute_path(path)) return std::nullopt;
    libs.paths.push_back(path.get<std::string>());
  }
  return libs;
}

}  // namespace

base::Result<std::vector<PreservedLibs>> parse_preserved_libs(std::string_view text, std::string_view name,
                                                              std::vector<base::Error>& problems) {
  std::vector<PreservedLibs> registry;
  if (text.empty()) return registry;
  // Neither the parser nor the destructor recurses: nesting costs memory in proportion to the text only.
  const json parsed = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (parsed.is_discarded()) return base::Error{"parse", std::string(name), "not valid JSON"};
  if (!parsed.is_object()) return base::Error{"parse", std::string(name), "not a JSON object"};
  for (const auto& [package_slot, entry] : parsed.items()) {
    if (std::optional<PreservedLibs> libs = parse_entry(package_slot, entry)) {
      registry.push_back(std::move(*libs));
    } else {
      problems.push_back({"use entry \"" + package_slot + "\" of", std::string(name),
                          R"(not of the form ["category/package-version", counter, ["/path", ...]])"});
    }
  }
  return registry;
}

}  // namespace revdep::vdb
