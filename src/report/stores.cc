#include "report/stores.h"

#include <cstdio>

#include "report/names.h"

namespace revdep::report {

std::string show_xattr(const std::optional<std::string>& value) {
  if (!value) return "none";
  return value->empty() ? "empty" : escape(*value);
}

std::string show_header(const std::optional<std::uint32_t>& p_flags) {
  if (!p_flags) return "none";
  if (const auto letters = pax::parse_header(*p_flags)) return pax::format_columns(*letters);
  char text[32];
  std::snprintf(text, sizeof text, "malformed 0x%x", *p_flags);
  return text;
}

nlohmann::ordered_json json_stores(const pax::Stores& stores) {
  nlohmann::ordered_json json;
  json["xattr"] = nullptr;
  if (stores.xattr) json["xattr"] = json_text(*stores.xattr);
  json["header"] = nullptr;
  if (stores.header) json["header"] = *stores.header;
  json["ei"] = stores.ei_pax;
  return json;
}

}  // namespace revdep::report
