// Running processes as procfs shows them: what each one runs, with which flags, and what it has mapped. Judges nothing.
#pragma once

#include <sys/types.h>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "pax/marking.h"
#include "pax/verdict.h"

namespace revdep::engine {

/// A line of /proc/PID/maps. On btrfs and overlayfs the kernel gives another device there than stat does.
struct MappedFile {
  std::string path;
  dev_t device = 0;
  ino_t inode = 0;
  bool deleted = false;
  friend auto operator<=>(const MappedFile&, const MappedFile&) = default;
};

/// Paths are those of the process's own mount namespace, and without the " (deleted)" of a file that has lost that
/// name.
struct Process {
  pid_t pid = 0;
  std::int64_t started = 0;  ///< seconds since the epoch, when it was forked: it may have called execve later
  std::string executable;
  bool deleted = false;  ///< the executable's name is gone, or is another file's by now
  dev_t device = 0;      ///< this and what follows: of the file that runs, whatever its name leads to
  ino_t inode = 0;
  timespec changed{};                       ///< st_ctim
  pax::Stores stores;                       ///< as they are now
  std::optional<pax::Effective> effective;  ///< the "PaX:" line of its status
  std::vector<MappedFile> mapped;  ///< files mapped as executable, once each, by path; the executable among them
};

struct ProcessList {
  std::vector<Process> seen;  ///< by pid
  std::size_t hidden = 0;     ///< those that may not be looked at
  std::vector<base::Error> problems;
};

/// Reads what is below `proc`, where procfs is mounted. Kernel threads are left out, and so is what ends meanwhile or
/// was a zombie. Error: `proc` is no procfs.
base::Result<ProcessList> read_processes(const std::string& proc = "/proc");

}  // namespace revdep::engine
