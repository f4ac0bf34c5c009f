#include "engine/running_kernel.h"

#include <fstream>

namespace revdep::engine {
namespace {

// The number in a file of one; `otherwise` where there is none.
int read_number(const std::string& path, int otherwise) {
  std::ifstream stream(path);
  int number = 0;
  return stream >> number ? number : otherwise;
}

}  // namespace

RunningKernel read_running_kernel(const std::string& proc) {
  RunningKernel running;
  std::ifstream status(proc + "/self/status");
  for (std::string line; std::getline(status, line);) running.has_pax = running.has_pax || line.starts_with("PaX:");
  running.softmode = read_number(proc + "/sys/kernel/pax/softmode", 0) == 1;
  running.randomize = read_number(proc + "/sys/kernel/randomize_va_space", 1) != 0;
  return running;
}

pax::Kernel assume_kernel(const RunningKernel& running) {
  pax::Kernel kernel;
  if (!running.has_pax) return kernel;
  kernel.softmode = running.softmode;
  kernel.randomize = running.randomize;
  return kernel;
}

}  // namespace revdep::engine
