// Runs programs inside a root directory, and says where paths lead in it. Knows nothing of the code under test.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "support/command.h"
#include "support/temp_dir.h"

namespace revdep::parity {

/// Gives this process a mount namespace of its own, once. Returns why it cannot be had; "" when it is there.
std::string enter_private_mounts();

/// A temporary directory in memory, so that thousands of small files cost no disk. Needs private mounts.
class Scratch {
 public:
  Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch();

  [[nodiscard]] std::filesystem::path path() const { return directory_.path(); }
  /// Copies all of it to a place that stays.
  void keep(const std::filesystem::path& place) const;

 private:
  support::TempDir directory_;
};

struct Run {
  std::vector<std::string> arguments;  ///< arguments[0] is what the program sees
  support::Environment environment;    ///< nothing else is set
  unsigned uid = 0;                    ///< user and group; 0: as the test runs
  bool new_privileges = false;         ///< whether set-id bits and file capabilities count
};

/// "/" or a directory to chroot into. A chroot has /proc while this lives; it needs root and private mounts.
class Root {
 public:
  explicit Root(const std::string& path);
  Root(const Root&) = delete;
  Root& operator=(const Root&) = delete;
  ~Root();

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] support::Outcome run(const std::string& program, const Run& run) const;
  /// The path of the file that `path` leads to, as seen from inside (a relative path counts from the root).
  [[nodiscard]] std::optional<std::string> canonical(const std::string& path) const;
  /// Device and inode of that file.
  [[nodiscard]] std::pair<unsigned long, unsigned long> identity(const std::string& path) const;

 private:
  [[nodiscard]] base::Fd open(const std::string& path) const;

  std::string path_;
  base::Fd directory_;
  bool has_proc_ = false;
};

/// The exit status when the kernel does not start the program; the reason is in Outcome::err.
inline constexpr int not_started = 256;

}  // namespace revdep::parity
