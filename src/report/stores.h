// The raw stores of one file as reports show them.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "pax/marking.h"

namespace revdep::report {

/// "em"; "none" when absent, "empty" for an empty value.
std::string show_xattr(const std::optional<std::string>& value);
/// "-em--"; "none" when absent, "malformed 0x30".
std::string show_header(const std::optional<std::uint32_t>& p_flags);
/// {"xattr": "em" or null, "header": p_flags or null, "ei": byte}.
nlohmann::ordered_json json_stores(const pax::Stores& stores);

}  // namespace revdep::report
