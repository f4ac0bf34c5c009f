// What the running kernel tells of itself. Which stores it was built to read it does not tell: that has to be declared.
#pragma once

#include <string>

#include "pax/kernel.h"

namespace revdep::engine {

struct RunningKernel {
  bool has_pax = false;   ///< /proc/self/status has a "PaX:" line
  bool softmode = false;  ///< sys/kernel/pax/softmode
  bool randomize = true;  ///< sys/kernel/randomize_va_space is not 0
};

/// `proc`: where procfs is mounted.
RunningKernel read_running_kernel(const std::string& proc = "/proc");

/// The kernel for which verdicts are given when none is declared: one that reads both stores, in the running one's mode.
pax::Kernel assume_kernel(const RunningKernel& running);

}  // namespace revdep::engine
