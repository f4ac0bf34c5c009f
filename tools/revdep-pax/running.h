// Running processes whose executable was changed: they feel it only when they are started again.
#pragma once

#include <sys/types.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace revdep::tool {

struct Process {
  pid_t pid = 0;
  std::string executable;  ///< as /proc/PID/exe shows it
};

/// The processes of this system that run one of the files, given by device and inode as they were before the change. Those
/// that may not be looked at are left out.
std::vector<Process> find_running(const std::set<std::pair<dev_t, ino_t>>& files);

}  // namespace revdep::tool
