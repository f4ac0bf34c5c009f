// One run of revdep-paxd: what each mode comes to, as an exit code.
#pragma once

#include "revdep-paxd/options.h"

namespace revdep::daemon {

/// Throws std::system_error when standard output takes no more, or the system has no descriptors to give.
int run(const Options& options);

}  // namespace revdep::daemon
