// One run of revdep-pax: loads the system, lets one command answer, names what went wrong.
#pragma once

#include "revdep-pax/options.h"

namespace revdep::tool {

/// The exit code. Throws std::system_error when standard output takes no more.
int run(const Options& options);

}  // namespace revdep::tool
