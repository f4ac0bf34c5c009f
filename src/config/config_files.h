// Configuration files: a single one, and those of directories that override each other by file name. Finds, checks and
// reads them; does not parse them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/tree.h"

namespace revdep::config {

struct ConfigFile {
  std::string name;  ///< its path, the root's prefix included
  std::string text;
};

struct ConfigFiles {
  std::vector<ConfigFile> files;    ///< sorted by file name
  std::vector<base::Error> errors;  ///< each names a file or directory that was not read
};

/// Reads all *.conf of `directories` (absolute below the root; absent ones have none; names that begin with a dot do
/// not count). A file hides those of the same name in the directories before its own, even if it is not read itself.
/// Read are regular files of at most 1 MiB that are root's and writable by nobody else, as is every directory on their
/// way.
ConfigFiles read_config_files(base::Tree& tree, std::span<const std::string_view> directories);

/// Reads one file under the same conditions. nullopt: there is none.
base::Result<std::optional<ConfigFile>> read_config_file(base::Tree& tree, std::string_view path);

}  // namespace revdep::config
