// --graph: an executable's closure, or a library with who is beside it, as a picture.
#include <algorithm>
#include <set>

#include "engine/requirements.h"
#include "report/dot.h"
#include "revdep-pax/commands.h"
#include "revdep-pax/lookup.h"

namespace revdep::tool {
namespace {

using base::ObjectId;

// Of a library: its direct consumers and what it needs itself.
std::set<ObjectId> choose_objects(Session& session, ObjectId centre) {
  engine::System& system = session.system;
  std::set<ObjectId> chosen = {centre};
  if (engine::is_executable(system.image(centre)) && system.graph().direct_consumers(centre).empty()) {
    for (const loader::Mapped& mapped : system.closure(centre).objects) chosen.insert(mapped.object);
    return chosen;
  }
  system.read_all_markings();  // plugins stand beside them
  const graph::Graph& graph = system.graph();
  for (const ObjectId consumer : graph.direct_consumers(centre)) chosen.insert(consumer);
  for (const ObjectId provider : graph.providers(centre)) {
    if (provider.valid()) chosen.insert(provider);
  }
  for (const graph::Plugin& plugin : graph.plugins(centre)) chosen.insert(plugin.object);
  for (const ObjectId id : graph.objects()) {
    const auto plugins = graph.plugins(id);
    if (std::ranges::find(plugins, centre, &graph::Plugin::object) != plugins.end()) chosen.insert(id);
  }
  return chosen;
}

}  // namespace

base::Result<Exit> report_graph(Session& session) {
  const auto centre = find_object(session, session.options.subject);
  if (!centre) return centre.error();
  const std::set<ObjectId> chosen = choose_objects(session, *centre);
  const graph::Graph& graph = session.system.graph();
  report::Neighbourhood picture;
  picture.centre = graph.path(*centre);
  for (const ObjectId id : chosen) {
    const auto& marking = session.view.object(id).marking();
    picture.nodes.push_back({std::string(graph.path(id)), std::string(session.view.library_name(id)),
                             marking ? pax::format_letters(*marking) : std::string(),
                             engine::is_executable(session.system.image(id))});
    const auto draw = [&](ObjectId to, bool dlopened) {
      // The edges of the others' own neighbourhoods would hide those of this one.
      const bool is_near = engine::is_executable(session.system.image(*centre)) || id == *centre || to == *centre;
      if (to.valid() && chosen.contains(to) && is_near) {
        picture.edges.push_back({std::string(graph.path(id)), std::string(graph.path(to)), dlopened});
      }
    };
    for (const ObjectId provider : graph.providers(id)) draw(provider, false);
    for (const graph::Plugin& plugin : graph.plugins(id)) draw(plugin.object, true);
  }
  report::write_neighbourhood_dot(session.output, picture);
  return Exit::clean;
}

}  // namespace revdep::tool
