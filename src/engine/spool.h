// What was marked in a package's image, before it was merged: journals of their own, which become part of the system's one
// once the files are there. Edits nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/tree.h"
#include "migrate/journal.h"

namespace revdep::engine {

/// Path of a new such journal beside the journal at `state`. It does not count until it is finished.
std::string new_spool_path(const std::string& state);
std::optional<base::Error> finish_spooled(const std::string& path);

/// Paths of those that wait beside the journal at `state`, sorted.
std::vector<std::string> find_spooled(const std::string& state);

/// Edits of files that are there by now, as they were marked, become edits of `journal`, with their claims. Those of files
/// that came otherwise, or did not come for a day, are forgotten. The caller holds the lock. Gives sentences on what failed.
std::vector<std::string> take_up_spooled(base::Tree& tree, migrate::Journal& journal, const std::string& state);

}  // namespace revdep::engine
