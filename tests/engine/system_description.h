// A system as text, so that two of them can be compared.
#pragma once

#include <memory>
#include <string>

#include "engine/system.h"

namespace revdep::engine {

/// From the package database below `root`, all read.
std::unique_ptr<System> load_system(const std::string& root);

/// All that can be asked of it, as lines: each object with its package, marking, closure, unresolved names and consumers.
std::string describe(System& system);

/// What is asked of each executable, found as for all at once: before anything else is asked, as that could set it right.
std::string describe_asked(System& system);

}  // namespace revdep::engine
