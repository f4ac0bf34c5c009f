// The walk over /var/db/pkg: which packages there are and their files' text. Survives packages that vanish under it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/fd.h"

namespace revdep::vdb {

/// A package's place: its directory's names, which are what counts (the PF and CATEGORY files inside may be stale).
struct PackageName {
  std::string category;
  std::string pf;
  friend auto operator<=>(const PackageName&, const PackageName&) = default;
};

/// "cat/pf".
std::string to_string(const PackageName& name);

/// Whether a directory of that name can be a category or a package: it begins with neither '.' nor "-MERGING-".
bool is_database_name(std::string_view name);

/// What other tools want to know of a package; empty when the database does not say.
struct Metadata {
  std::string slot, keywords, chost, repository;
};

class Database {
 public:
  /// Opens the directory `path` (of the running system, root prefix included). Error: absent, no directory, unreadable.
  static base::Result<Database> open(const std::string& path);

  [[nodiscard]] const std::string& path() const { return path_; }

  /// Every package, sorted. Names beginning with '.' or "-MERGING-", files and lock files are none. What cannot be
  /// listed goes to `problems`; a category that vanishes meanwhile does not.
  std::vector<PackageName> list(std::vector<base::Error>& problems) const;

  /// The categories, sorted, and the directories in one, sorted; none if it is not there. Otherwise as list().
  std::vector<std::string> list_categories(std::vector<base::Error>& problems) const;
  std::vector<std::string> list_category(const std::string& category, std::vector<base::Error>& problems) const;

  /// When the package's directory last changed; nullopt: it is not there (any more).
  [[nodiscard]] std::optional<std::int64_t> mtime_ns(const PackageName& package) const;

  /// One file of a package. nullopt: the file or the package is not there (any more). Error: it cannot be read.
  base::Result<std::optional<std::string>> read(const PackageName& package, std::string_view file) const;

  /// SLOT, KEYWORDS, CHOST, repository: from `metadata` when it is valid (#format=1 and #dir_mtime equal to the
  /// directory's st_mtime in ns), else from the single-field files. Unreadable files go to `problems`.
  Metadata read_metadata(const PackageName& package, std::vector<base::Error>& problems) const;

 private:
  Database(std::string path, base::Fd directory) : path_(std::move(path)), directory_(std::move(directory)) {}

  std::string path_;
  base::Fd directory_;
};

/// The `metadata` file's KEY=value lines, parsed. nullopt: another format, or `#dir_mtime` is not `directory_mtime_ns`.
std::optional<Metadata> parse_metadata(std::string_view text, std::int64_t directory_mtime_ns);

}  // namespace revdep::vdb
