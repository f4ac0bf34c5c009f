// Who may load an object, before any edge is known.
#pragma once

#include <vector>

#include "base/ids.h"
#include "graph/graph.h"

namespace revdep::graph {

/// The objects that need `name`, or a soname whose objects need it, and so on; each once. Where sonames are unambiguous and
/// nothing is found by a path, they are the consumers of what `name` leads to: a guess, good enough to read ahead by.
std::vector<base::ObjectId> reach_by_name(const Graph& graph, base::NameId name);

}  // namespace revdep::graph
