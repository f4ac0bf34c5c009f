// What the running kernel tells of itself: whether it has PaX, its modes, and, where it shows its configuration, what it was
// built to read.
#pragma once

#include <string>
#include <string_view>

#include "pax/kernel.h"

namespace revdep::engine {

struct RunningKernel {
  bool has_pax = false;       ///< /proc/self/status has a "PaX:" line
  bool shows_config = false;  ///< config.gz could be read: `kernel` is known, not assumed
  pax::Kernel kernel;         ///< without PaX: one that reads both stores, in hard mode
};

/// Reads self/status, config.gz, cpuinfo, sys/kernel/osrelease, sys/kernel/pax/softmode and sys/kernel/randomize_va_space
/// below `proc`, where procfs is mounted.
RunningKernel read_running_kernel(const std::string& proc = "/proc");

/// What a kernel of this .config was built with; all else as in `base`.
pax::Kernel parse_kernel_config(std::string_view config, pax::Kernel base = {});

}  // namespace revdep::engine
