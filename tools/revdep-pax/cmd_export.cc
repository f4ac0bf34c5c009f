// --export: the whole graph as JSON.
#include "report/export.h"
#include "revdep-pax/commands.h"

namespace revdep::tool {
namespace {

using base::ObjectId;

report::ExportedObject describe(Session& session, ObjectId id) {
  const graph::Graph& graph = session.system.graph();
  const graph::Object& object = graph.object(id);
  const auto name = [&graph](base::NameId which) {
    return which.valid() ? graph.names().view(which) : std::string_view();
  };
  report::ExportedObject exported;
  exported.path = graph.path(id);
  if (object.package.valid()) exported.package = vdb::to_string(session.system.packages()[object.package.index()]);
  exported.abi = session.view.label(id);
  exported.soname = name(object.image.soname);
  exported.interpreter = name(object.image.interpreter);
  exported.marking = session.view.object(id).marking();
  const auto providers = graph.providers(id);
  for (std::size_t index = 0; index < providers.size(); ++index) {
    const std::string_view provider = providers[index].valid() ? graph.path(providers[index]) : std::string_view();
    exported.needed.push_back({name(object.image.needed[index]), provider});
  }
  return exported;
}

}  // namespace

base::Result<Exit> report_export(Session& session) {
  std::vector<report::ExportedObject> objects;
  for (const ObjectId id : session.view.objects()) {
    if (!session.view.gone(id)) objects.push_back(describe(session, id));
  }
  std::vector<report::ExportedPackage> packages;
  const vdb::Database* const database = session.system.database();
  for (const vdb::PackageName& name : session.system.packages()) {
    packages.push_back({name, database == nullptr ? vdb::Metadata{} : database->read_metadata(name, session.problems)});
  }
  report::write_export(session.output, objects, packages);
  return Exit::clean;
}

}  // namespace revdep::tool
