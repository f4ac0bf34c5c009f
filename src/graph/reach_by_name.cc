#include "graph/reach_by_name.h"

#include <cstdint>

#include "graph/grouped.h"

namespace revdep::graph {

using base::NameId;
using base::ObjectId;

std::vector<ObjectId> reach_by_name(const Graph& graph, NameId name) {
  const auto count = static_cast<std::uint32_t>(graph.size());
  const Grouped requesters = group(graph.names().size(), [&](auto&& use) {
    for (std::uint32_t index = 0; index < count; ++index) {
      for (const NameId needed : graph.object(ObjectId{index}).image.needed) use(needed.index(), ObjectId{index});
    }
  });
  std::vector<ObjectId> found;
  std::vector<bool> is_found(count);
  std::vector<bool> is_asked(graph.names().size());
  const auto ask = [&](NameId about) {
    if (!about.valid() || is_asked[about.index()]) return;
    is_asked[about.index()] = true;
    for (const ObjectId requester : requesters.of(about.index())) {
      if (is_found[requester.index()]) continue;
      is_found[requester.index()] = true;
      found.push_back(requester);
    }
  };
  ask(name);
  for (std::size_t next = 0; next < found.size(); ++next) ask(graph.object(found[next]).image.soname);
  return found;
}

}  // namespace revdep::graph
