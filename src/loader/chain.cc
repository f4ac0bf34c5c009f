#include "loader/chain.h"

#include <algorithm>

namespace revdep::loader {

using base::ObjectId;

Requests by_requester(const Mapping& mapping) {
  Requests requests;
  for (const Resolution& resolution : mapping.resolutions) requests[resolution.requester].push_back(&resolution);
  return requests;
}

std::vector<const Resolution*> shortest_way(const Mapping& mapping, ObjectId from, ObjectId to) {
  const Requests requests = by_requester(mapping);
  std::unordered_map<ObjectId, const Resolution*> reached_by = {{from, nullptr}};
  std::vector<ObjectId> queue = {from};
  for (std::size_t next = 0; next < queue.size() && !reached_by.contains(to); ++next) {
    const auto found = requests.find(queue[next]);
    if (found == requests.end()) continue;
    for (const Resolution* const resolution : found->second) {
      if (!resolution->provider.valid()) continue;
      if (reached_by.emplace(resolution->provider, resolution).second) queue.push_back(resolution->provider);
    }
  }
  std::vector<const Resolution*> way;
  const auto end = reached_by.find(to);
  if (end == reached_by.end()) return way;
  for (const Resolution* step = end->second; step != nullptr; step = reached_by[step->requester]) way.push_back(step);
  std::reverse(way.begin(), way.end());
  return way;
}

}  // namespace revdep::loader
