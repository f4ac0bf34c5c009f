// The JSON of values that several reports show.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "pax/kernel.h"
#include "pax/marking.h"

namespace revdep::report {

/// "-em--"; null without a marking.
inline nlohmann::ordered_json json_marking(const std::optional<pax::Marking>& marking) {
  return marking ? nlohmann::ordered_json(pax::format_columns(*marking)) : nlohmann::ordered_json(nullptr);
}

/// "2026-11-14T22:13:20Z" for seconds since the epoch.
std::string format_time(std::int64_t seconds);

/// By the keys of --kernel; `source`: "declared", "running" or "assumed".
nlohmann::ordered_json json_kernel(const pax::Kernel& kernel, std::string_view source);

}  // namespace revdep::report
