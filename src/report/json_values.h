// The JSON of values that several reports show.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "pax/marking.h"

namespace revdep::report {

/// "-em--"; null without a marking.
inline nlohmann::ordered_json json_marking(const std::optional<pax::Marking>& marking) {
  return marking ? nlohmann::ordered_json(pax::format_columns(*marking)) : nlohmann::ordered_json(nullptr);
}

}  // namespace revdep::report
