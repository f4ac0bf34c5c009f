// How an object came into a closure: the objects from the program to it. Asks nothing.
#pragma once

#include "audit/finding.h"
#include "graph/graph.h"

namespace revdep::engine {

/// The program itself is left out; the object is the last step. Empty: it is not in the closure.
audit::Chain chain_to(const graph::Graph& graph, const graph::Closure& closure, base::ObjectId object);

}  // namespace revdep::engine
