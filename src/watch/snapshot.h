// Which packages the database has and when their directories last changed, and how two such pictures differ. Reads nothing
// inside a package's directory.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "vdb/database.h"

namespace revdep::watch {

/// A category's packages with their directories' st_mtime in ns.
using Stamps = std::map<std::string, std::int64_t>;
/// By category; an empty category is as none.
using Snapshot = std::map<std::string, Stamps>;

enum class PackageChange : unsigned char { added, replaced, removed };
using PackageChanges = std::map<vdb::PackageName, PackageChange>;

/// What is there now; packages that vanish meanwhile are not. What cannot be listed goes to `problems`, and counts as it
/// was in `before`.
Snapshot read_snapshot(const vdb::Database& database, const Snapshot& before, std::vector<base::Error>& problems);
/// Only these categories.
Snapshot read_snapshot(const vdb::Database& database, const std::set<std::string>& categories, const Snapshot& before,
                       std::vector<base::Error>& problems);

/// What came, what went, and what was replaced: it is in both with another stamp, or is in both and one of `touched`.
PackageChanges diff(const Snapshot& before, const Snapshot& after, const std::set<vdb::PackageName>& touched);

}  // namespace revdep::watch
