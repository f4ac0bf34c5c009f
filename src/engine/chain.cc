#include "engine/chain.h"

#include <algorithm>
#include <unordered_map>

namespace revdep::engine {

audit::Chain chain_to(const graph::Graph& graph, const graph::Closure& closure, base::ObjectId object) {
  std::unordered_map<base::ObjectId, std::size_t> places;
  for (std::size_t index = 0; index < closure.objects.size(); ++index) {
    places.emplace(closure.objects[index].object, index);
  }
  audit::Chain chain;
  // A requester stands before what it brought in, so that this ends at the program.
  for (auto at = places.find(object); at != places.end();) {
    const base::ObjectId requester = closure.objects[at->second].requester;
    const auto plugins = graph.plugins(requester);
    const bool dlopened =
        at->second >= closure.linked && std::ranges::find(plugins, at->first, &graph::Plugin::object) != plugins.end();
    chain.push_back({std::string(graph.path(at->first)), dlopened});
    at = places.find(requester);
  }
  std::reverse(chain.begin(), chain.end());
  return chain;
}

}  // namespace revdep::engine
