// The status as metrics, in Prometheus' text format. Writes no file.
#pragma once

#include <string>

#include "revdep-paxd/status.h"

namespace revdep::daemon {

std::string format_metrics(const Status& status);

}  // namespace revdep::daemon
