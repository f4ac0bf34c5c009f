// What all objects reach at once: Tarjan's strongly connected components, without recursion, and one pass over them.
#include <algorithm>
#include <limits>

#include "graph/graph.h"

namespace revdep::graph {
namespace {

using base::NameId;
using base::ObjectId;

constexpr std::uint32_t unseen = std::numeric_limits<std::uint32_t>::max();

}  // namespace

// The component of each object. They are numbered as they are completed: what a component leads to has a lower number.
std::vector<std::uint32_t> Graph::find_components() const {
  struct Visit {
    std::uint32_t object;
    std::size_t next_edge;
  };
  std::vector<std::uint32_t> component(objects_.size(), unseen);
  std::vector<std::uint32_t> order(objects_.size(), unseen);
  std::vector<std::uint32_t> lowest(objects_.size());
  std::vector<std::uint32_t> open;  // in no component yet
  std::vector<Visit> path;
  std::uint32_t visited = 0;
  std::uint32_t components = 0;
  const auto enter = [&](std::uint32_t object) {
    order[object] = lowest[object] = visited++;
    open.push_back(object);
    path.push_back({object, 0});
  };
  const auto target = [this](const Visit& visit) {
    const auto& providers = providers_[visit.object];
    if (visit.next_edge < providers.size()) return providers[visit.next_edge];
    return plugins(ObjectId{visit.object})[visit.next_edge - providers.size()].object;
  };
  for (std::uint32_t start = 0; start < objects_.size(); ++start) {
    if (order[start] == unseen) enter(start);
    while (!path.empty()) {
      Visit& visit = path.back();
      const std::uint32_t object = visit.object;
      if (visit.next_edge < providers_[object].size() + plugins(ObjectId{object}).size()) {
        const ObjectId to = target(visit);
        ++visit.next_edge;
        if (!to.valid() || component[to.index()] != unseen) continue;
        if (order[to.index()] == unseen) {
          enter(to.value);
        } else {
          lowest[object] = std::min(lowest[object], order[to.index()]);
        }
        continue;
      }
      path.pop_back();
      if (!path.empty()) lowest[path.back().object] = std::min(lowest[path.back().object], lowest[object]);
      if (lowest[object] != order[object]) continue;
      std::uint32_t member = unseen;
      do {
        member = open.back();
        open.pop_back();
        component[member] = components;
      } while (member != object);
      ++components;
    }
  }
  return component;
}

std::vector<std::uint8_t> Graph::gather(std::span<const std::uint8_t> own) const {
  const std::vector<std::uint32_t> component = find_components();
  // Members in the order of their components: counting sort.
  std::vector<std::uint32_t> starts(objects_.size() + 1);
  for (const std::uint32_t number : component) ++starts[number + 1];
  for (std::size_t number = 0; number < objects_.size(); ++number) starts[number + 1] += starts[number];
  std::vector<std::uint32_t> members(objects_.size());
  std::vector<std::uint32_t> next(starts.begin(), starts.end() - 1);
  for (std::uint32_t object = 0; object < objects_.size(); ++object) members[next[component[object]]++] = object;

  std::vector<std::uint8_t> reached(objects_.size());
  for (std::size_t number = 0; number < objects_.size(); ++number) {
    std::uint8_t all = 0;
    const auto take = [&](ObjectId to) {
      if (to.valid()) all = static_cast<std::uint8_t>(all | own[to.index()] | reached[to.index()]);
    };
    const auto group = std::span(members).subspan(starts[number], starts[number + 1] - starts[number]);
    for (const std::uint32_t object : group) {
      for (const ObjectId provider : providers_[object]) take(provider);
      for (const Plugin& plugin : plugins(ObjectId{object})) take(plugin.object);
    }
    for (const std::uint32_t object : group) reached[object] = all;
  }
  return reached;
}

std::vector<bool> Graph::find_plain() const {
  std::unordered_map<NameId, ObjectId> opened;  // by name; invalid: that name means several objects
  for (const auto& [id, plugins] : plugins_) {
    for (const Plugin& plugin : plugins) {
      const auto [known, is_new] = opened.try_emplace(plugin.name, plugin.object);
      if (known->second != plugin.object) known->second = ObjectId{};
    }
  }
  const auto meet = [&opened](NameId name, ObjectId object) {
    const auto known = opened.find(name);
    if (known != opened.end() && known->second != object) known->second = ObjectId{};
  };
  for (std::uint32_t id = 0; !opened.empty() && id < objects_.size(); ++id) {
    for (std::size_t index = 0; index < providers_[id].size(); ++index) {
      if (providers_[id][index].valid()) meet(objects_[id].image.needed[index], providers_[id][index]);
    }
    if (present(ObjectId{id})) meet(objects_[id].image.soname, ObjectId{id});
  }
  // What is opened depends on what is loaded where the name is not the one object's, and then where it is contextual.
  std::vector<std::uint8_t> unclear(objects_.size());
  for (const auto& [id, plugins] : plugins_) {
    const bool is_unclear = std::any_of(plugins.begin(), plugins.end(), [&](const Plugin& plugin) {
      return contextual(plugin.object) || (!plugin.by_path && !opened.at(plugin.name).valid());
    });
    if (is_unclear) unclear[id.index()] = 1;
  }
  const std::vector<std::uint8_t> reached = plugins_.empty() ? unclear : gather(unclear);
  std::vector<bool> plain(objects_.size());
  for (std::uint32_t id = 0; id < objects_.size(); ++id) {
    plain[id] = present(ObjectId{id}) && !contextual(ObjectId{id}) && unclear[id] == 0 && reached[id] == 0;
  }
  return plain;
}

}  // namespace revdep::graph
