// Where log lines go. Says nothing itself.
#pragma once

#include <optional>

#include "base/error.h"
#include "config/settings.h"

namespace revdep::daemon {

/// From now on spdlog's default logger writes there. Error: it cannot, and writes where it did.
std::optional<base::Error> start_log(const config::Settings& settings);

/// Whether who reads standard error reads the log.
bool is_on_standard_error(const config::LogTarget& target);

}  // namespace revdep::daemon
