// Compares a loaded system's closures with the loader's own answers, and with themselves.
#pragma once

#include <string>

#include "engine/parity_loader.h"
#include "engine/system.h"

namespace revdep::parity {

/// What differs between the link closure of `program` (a path inside the root) and the loader's answer; "" when nothing.
std::string compare(engine::System& system, const Root& root, const std::string& program, const Answer& answer);

/// Every object's closure along edges against its simulation, in order. "" when nothing differs.
std::string compare_with_simulation(engine::System& system);

/// Every object's consumers against all closures. Slow: for small systems, after compare_with_simulation.
std::string compare_consumers(engine::System& system);

}  // namespace revdep::parity
