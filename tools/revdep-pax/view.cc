#include "revdep-pax/view.h"

#include <algorithm>

namespace revdep::tool {

using base::NameId;
using base::ObjectId;

std::string package_of(const engine::System& system, base::ObjectId id) {
  const base::PackageId package = system.graph().object(id).package;
  return package.valid() ? to_string(system.packages()[package.index()]) : std::string();
}

View::View(engine::System& system, const std::vector<std::string>& path_directories) : system_(system) {
  for (const std::string& directory : path_directories) {
    if (const std::string* const canonical = system.tree().resolve_directory(directory)) {
      path_directories_.insert(*canonical);
    }
  }
  const graph::Graph& graph = system.graph();
  for (const ObjectId id : graph.objects()) {
    const graph::Object& object = graph.object(id);
    if (!object.category.valid() || graph.names().view(object.category).empty()) continue;
    const auto [known, is_new] = one_category_.try_emplace(object.arch, object.category);
    if (!is_new && known->second != object.category) known->second = NameId{};
  }
}

const report::Object& View::object(ObjectId id) {
  if (const auto known = shown_.find(id); known != shown_.end()) return known->second;
  // Reading a marking can correct what is known of the object.
  const auto marking = pax::own_marking(system_.marking(id).stores);
  return shown_.try_emplace(id, system_.graph().path(id), library_name(id), label(id), marking).first->second;
}

std::string_view View::library_name(ObjectId id) const {
  const graph::Graph& graph = system_.graph();
  const NameId soname = graph.object(id).image.soname;
  return soname.valid() ? graph.names().view(soname) : base::split_path(graph.path(id)).second;
}

std::string_view View::label(ObjectId id) const {
  const graph::Graph& graph = system_.graph();
  const graph::Object& object = graph.object(id);
  const auto known = one_category_.find(object.arch);
  const bool several = known != one_category_.end() && !known->second.valid();
  const std::string_view category = object.category.valid() ? graph.names().view(object.category) : std::string_view();
  if (several && !category.empty()) return category;
  return object.arch.valid() ? graph.names().view(object.arch) : category;
}

bool View::in_path(ObjectId id) const {
  return path_directories_.contains(base::split_path(system_.graph().path(id)).first);
}

ObjectId View::interpreter(ObjectId id) {
  const loader::Image& image = system_.graph().object(id).image;
  return image.interpreter.valid() ? system_.of(image).interpreter_object(image.interpreter) : ObjectId{};
}

void View::sort(std::vector<ObjectId>& ids) const {
  const graph::Graph& graph = system_.graph();
  std::sort(ids.begin(), ids.end(),
            [&graph](ObjectId one, ObjectId other) { return graph.path(one) < graph.path(other); });
}

std::vector<ObjectId> View::objects() const {
  std::vector<ObjectId> ids = system_.graph().objects();
  sort(ids);
  return ids;
}

}  // namespace revdep::tool
