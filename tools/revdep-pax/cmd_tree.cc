// --tree, --chain: how a closure comes about.
#include <algorithm>
#include <iostream>
#include <unordered_map>

#include "loader/chain.h"
#include "report/names.h"
#include "report/tree.h"
#include "revdep-pax/lookup.h"

namespace revdep::tool {
namespace {

using base::NameId;
using base::ObjectId;
using loader::Resolution;

// Depth first. An object's own entries stand where it was mapped; wherever else it is met it was loaded already.
std::vector<report::TreeEntry> flatten(const graph::Graph& graph, const loader::Mapping& mapping, ObjectId root) {
  const loader::Requests requests = loader::by_requester(mapping);
  std::unordered_map<ObjectId, loader::Mapped> pending;
  for (const loader::Mapped& mapped : mapping.objects) pending.emplace(mapped.object, mapped);
  const auto path = [&graph](ObjectId id) { return id.valid() ? graph.path(id) : std::string_view(); };

  struct Level {
    const std::vector<const Resolution*>* entries;
    std::size_t next = 0;
  };
  std::vector<report::TreeEntry> entries;
  std::vector<Level> levels;
  const auto descend = [&](ObjectId id) {
    if (const auto found = requests.find(id); found != requests.end()) levels.push_back({&found->second});
  };
  descend(root);
  while (!levels.empty()) {
    Level& level = levels.back();
    if (level.next == level.entries->size()) {
      levels.pop_back();
      continue;
    }
    const Resolution& resolution = *(*level.entries)[level.next++];
    entries.push_back({levels.size(), graph.names().view(resolution.name), path(resolution.provider),
                       path(resolution.owner), resolution.how});
    const auto mapped = pending.find(resolution.provider);
    if (mapped == pending.end() || mapped->second.requester != resolution.requester ||
        mapped->second.name != resolution.name) {
      continue;
    }
    pending.erase(mapped);
    descend(resolution.provider);
  }
  return entries;
}

}  // namespace

base::Result<Exit> report_tree(Session& session) {
  const auto object = find_object(session, session.options.subject);
  if (!object) return object.error();
  const loader::Mapping mapping = session.system.explain(*object);
  const graph::Graph& graph = session.system.graph();
  report::Tree tree;
  tree.path = graph.path(*object);
  tree.abi = session.view.label(*object);
  tree.entries = flatten(graph, mapping, *object);
  if (session.options.format == Format::json) {
    report::write_tree_json(session.output, tree);
  } else {
    report::write_tree_text(session.output, tree);
  }
  return Exit::clean;
}

base::Result<Exit> report_chain(Session& session) {
  const auto executable = find_object(session, session.options.subject);
  if (!executable) return executable.error();
  const auto library = find_object(session, session.options.library);
  if (!library) return library.error();
  const loader::Mapping mapping = session.system.explain(*executable);
  const graph::Graph& graph = session.system.graph();
  const std::vector<const Resolution*> way = shortest_way(mapping, *executable, *library);
  if (way.empty() && *executable != *library) {
    std::cerr << "revdep-pax: " << report::escape(graph.path(*executable)) << " does not load "
              << report::escape(graph.path(*library)) << '\n';
    return Exit::findings;
  }
  std::vector<report::ChainLink> chain = {{{}, graph.path(*executable)}};
  for (const Resolution* const step : way)
    chain.push_back({graph.names().view(step->name), graph.path(step->provider)});
  if (session.options.format == Format::json) {
    report::write_chain_json(session.output, chain);
  } else {
    report::write_chain_text(session.output, chain);
  }
  return Exit::clean;
}

}  // namespace revdep::tool
