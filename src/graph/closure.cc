// Closures: along the edges where they are exact, by simulation where they are not.
#include <algorithm>
#include <unordered_set>
#include <utility>

#include "graph/graph.h"

namespace revdep::graph {
namespace {

using base::NameId;
using base::ObjectId;
using loader::How;

Closure from_mapping(loader::Mapping mapping) {
  Closure closure;
  closure.objects = std::move(mapping.objects);
  closure.linked = closure.objects.size();
  closure.fails = mapping.fails;
  for (const loader::Resolution& resolution : mapping.resolutions) {
    if (resolution.how != How::not_found && resolution.how != How::failed) continue;
    const bool known = std::any_of(closure.unresolved.begin(), closure.unresolved.end(),
                                   [&](const Unresolved& other) { return other.name == resolution.name; });
    if (!known) closure.unresolved.push_back({resolution.name, resolution.requester});
  }
  return closure;
}

}  // namespace

ObjectId Graph::interpreter_object(Linkers& linkers, const loader::Image& image) {
  return linkers.of(image).interpreter_object(image.interpreter);
}

Closure Graph::closure(Linkers& linkers, ObjectId root) {
  if (!dirty_.empty()) resolve(linkers);  // a simulation made further objects known
  return contextual(root) ? simulate(linkers, root) : reach(linkers, root);
}

const Closure& Graph::simulate(Linkers& linkers, ObjectId root) {
  if (const auto known = simulated_.find(root); known != simulated_.end()) return known->second;
  Closure closure = from_mapping(linkers.of(objects_[root.index()].image).simulate(root));
  return simulated_.emplace(root, std::move(closure)).first->second;
}

// A plugin finds what it needs as if it were run itself, but for what is loaded by then.
Closure Graph::closure_with_plugins(Linkers& linkers, ObjectId root) {
  Closure closure = this->closure(linkers, root);
  if (plugins_.empty()) return closure;
  std::unordered_set<ObjectId> files = {files_[root.index()]};
  std::unordered_set<NameId> loaded;
  const auto note = [&](const loader::Mapped& mapped) {
    loaded.insert(mapped.name);
    loaded.insert(objects_[mapped.object.index()].image.soname);
  };
  for (const loader::Mapped& mapped : closure.objects) {
    files.insert(mapped.file);
    note(mapped);
  }
  std::size_t next = 0;
  for (ObjectId at = root; at.valid();
       at = next < closure.objects.size() ? closure.objects[next++].object : ObjectId{}) {
    for (const Plugin& plugin : plugins(at)) {
      if (!plugin.by_path && loaded.contains(plugin.name)) continue;
      const ObjectId file = files_[plugin.object.index()];
      if (!files.insert(file).second) continue;
      closure.objects.push_back({plugin.object, file, plugin.name, at});
      note(closure.objects.back());
      const Closure needed = this->closure(linkers, plugin.object);
      for (const loader::Mapped& mapped : needed.objects) {
        if (!files.insert(mapped.file).second) continue;
        closure.objects.push_back(mapped);
        note(mapped);
      }
    }
  }
  return closure;
}

// Breadth first along the edges: the loader's order.
Closure Graph::reach(Linkers& linkers, ObjectId root) {
  Closure closure;
  const NameId interpreter_name = objects_[root.index()].image.interpreter;
  loader::Found interpreter;
  if (interpreter_name.valid()) {
    // The kernel asks for it first of all.
    interpreter = linkers.of(objects_[root.index()].image).interpreter(interpreter_name);
    closure.fails = !interpreter.object.valid();
    if (closure.fails) closure.unresolved.push_back({interpreter_name, root});
  }
  ++walk_;
  seen_files_.resize(objects_.size());
  seen_names_.resize(names_.size());
  const auto first_visit = [this](ObjectId file) { return std::exchange(seen_files_[file.index()], walk_) != walk_; };
  first_visit(files_[root.index()]);
  std::size_t next = 0;
  for (ObjectId at = root; at.valid();
       at = next < closure.objects.size() ? closure.objects[next++].object : ObjectId{}) {
    const std::vector<NameId>& needed = objects_[at.index()].image.needed;
    const std::vector<ObjectId>& providers = providers_[at.index()];
    for (std::size_t index = 0; index < providers.size(); ++index) {
      if (!providers[index].valid()) {
        const bool is_new = std::exchange(seen_names_[needed[index].index()], walk_) != walk_;
        if (is_new) closure.unresolved.push_back({needed[index], at});
      } else if (const ObjectId file = files_[providers[index].index()]; first_visit(file)) {
        closure.objects.push_back({providers[index], file, needed[index], at});
      }
    }
  }
  if (interpreter.object.valid() && first_visit(interpreter.file)) {
    closure.objects.push_back({interpreter.object, interpreter.file, interpreter_name, root});
  }
  closure.linked = closure.objects.size();
  return closure;
}

}  // namespace revdep::graph
