// From what the user named to objects of the system, or to a sentence with near names.
#pragma once

#include <string>
#include <vector>

#include "revdep-pax/blocks.h"

namespace revdep::tool {

/// The object at a path inside the root, symlinks resolved. A relative path counts from the current directory when the
/// root is /, else from the root.
base::Result<base::ObjectId> find_object(Session& session, const std::string& path);

/// Every library of that soname with its consumers, and for each ABI without one those who want it in vain.
base::Result<std::vector<Subject>> find_soname(Session& session, const std::string& soname);

}  // namespace revdep::tool
