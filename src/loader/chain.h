// The way from an executable to one of the objects that the loader maps for it. Asks the loader nothing.
#pragma once

#include <unordered_map>
#include <vector>

#include "loader/linker.h"

namespace revdep::loader {

/// What the loader was asked for each object, in its order.
using Requests = std::unordered_map<base::ObjectId, std::vector<const Resolution*>>;
Requests by_requester(const Mapping& mapping);

/// The answers that lead from `from` to `to`, in order: one of the shortest ways. Empty: none does.
std::vector<const Resolution*> shortest_way(const Mapping& mapping, base::ObjectId from, base::ObjectId to);

}  // namespace revdep::loader
