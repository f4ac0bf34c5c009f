// Names that may hold any bytes, made fit for a line of text or for JSON. Knows no report.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/escape.h"

namespace revdep::report {

using base::escape;
using base::is_plain;

bool is_utf8(std::string_view bytes);

/// What JSON shows of a name: itself if it is UTF-8, else escape() with the bytes above 0x7f as \xHH as well.
std::string json_text(std::string_view bytes);

/// object[key] = json_text(bytes); a name that is not UTF-8 gets object[key + "_bytes"] in base64 as well.
void put_name(nlohmann::ordered_json& object, const std::string& key, std::string_view bytes);

std::string base64(std::string_view bytes);

}  // namespace revdep::report
