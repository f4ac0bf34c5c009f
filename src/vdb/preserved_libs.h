// preserved_libs_registry: libraries of replaced packages that are still in use. JSON in, paths out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace revdep::vdb {

struct PreservedLibs {
  std::string package_slot;  ///< "cat/pn:slot"
  std::string package;       ///< "cat/pf" that preserved them
  std::vector<std::string> paths;
};

/// `{"cat/pn:slot": ["cat/pf", "counter", ["/path", ...]]}`; an empty file is an empty registry.
/// Entries of another shape are put into `problems` and passed over. Error: not JSON, or no object.
base::Result<std::vector<PreservedLibs>> parse_preserved_libs(std::string_view text, std::string_view name,
                                                              std::vector<base::Error>& problems);

}  // namespace revdep::vdb
