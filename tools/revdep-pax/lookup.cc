#include "revdep-pax/lookup.h"

#include <fcntl.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>

#include "revdep-pax/near.h"

namespace revdep::tool {
namespace {

using base::Error;
using base::NameId;
using base::ObjectId;

Error unknown_object(Session& session, const std::string& path, int error_number) {
  const graph::Graph& graph = session.system.graph();
  std::vector<std::string_view> paths;
  for (const ObjectId id : graph.objects()) paths.push_back(graph.path(id));
  return {"find", path, std::strerror(error_number) + did_you_mean(near_paths(path, paths))};
}

Error unknown_soname(Session& session, const std::string& soname) {
  const graph::Graph& graph = session.system.graph();
  std::vector<std::string_view> names;
  for (const ObjectId id : graph.objects()) {
    const loader::Image& image = graph.object(id).image;
    if (image.soname.valid()) names.push_back(graph.names().view(image.soname));
    for (const NameId needed : image.needed) names.push_back(graph.names().view(needed));
  }
  return {"find the soname", soname, "no object has or needs it" + did_you_mean(near_names(soname, std::move(names)))};
}

// By SONAME, or by base name if it has none and is no program.
bool is_named(const graph::Graph& graph, ObjectId id, std::string_view soname) {
  const loader::Image& image = graph.object(id).image;
  if (image.soname.valid()) return graph.names().view(image.soname) == soname;
  return !image.interpreter.valid() && base::split_path(graph.path(id)).second == soname;
}

struct Named {
  std::vector<ObjectId> libraries;  // sorted by path
  std::vector<ObjectId> wanting;    // objects with a needed entry of that name that finds nothing of its own
};

Named collect(Session& session, const std::string& soname) {
  const graph::Graph& graph = session.system.graph();
  const NameId name = session.system.names().intern(soname);
  std::set<ObjectId> libraries;
  Named named;
  for (const ObjectId id : graph.objects()) {
    if (is_named(graph, id, soname)) libraries.insert(id);
    const auto& needed = graph.object(id).image.needed;
    const auto providers = graph.providers(id);
    for (std::size_t index = 0; index < providers.size(); ++index) {
      if (needed[index] != name) continue;
      if (providers[index].valid()) {
        libraries.insert(providers[index]);
      } else {
        named.wanting.push_back(id);
      }
    }
  }
  named.libraries.assign(libraries.begin(), libraries.end());
  for (auto* const ids : {&named.libraries, &named.wanting}) {
    std::erase_if(*ids, [&](ObjectId id) { return session.view.gone(id); });
    session.view.sort(*ids);
    ids->erase(std::unique(ids->begin(), ids->end()), ids->end());
  }
  return named;
}

// A program wants in vain what its run does not find. A library may be served by whoever loads it, if any object has the
// name at all.
bool wants_in_vain(Session& session, ObjectId id, NameId name, const std::set<std::string_view>& provided) {
  const graph::Graph& graph = session.system.graph();
  const bool is_program = graph.object(id).image.interpreter.valid();
  if (!is_program && provided.contains(session.view.label(id))) return false;
  const graph::Closure closure = session.system.link_closure(id);
  return std::any_of(closure.unresolved.begin(), closure.unresolved.end(),
                     [name](const graph::Unresolved& unresolved) { return unresolved.name == name; });
}

}  // namespace

base::Result<ObjectId> find_object(Session& session, const std::string& path) {
  base::Tree& tree = session.system.tree();
  std::string inside = path;
  if (!path.starts_with('/') && tree.prefix().empty()) inside = std::filesystem::current_path() / path;
  const base::Tree::Resolved resolved = tree.resolve(inside);
  if (resolved.kind == base::FileKind::missing) return unknown_object(session, path, resolved.error);
  if (resolved.kind != base::FileKind::regular) return Error{"use", path, "it is no regular file"};
  const ObjectId id = session.system.find_or_read(resolved.path);
  if (id.valid()) return id;
  const auto fd = tree.open_file(resolved.path, O_RDONLY | O_NONBLOCK);
  return fd ? Error{"use", path, "it is no ELF program or library"} : fd.error();
}

base::Result<std::vector<Subject>> find_soname(Session& session, const std::string& soname) {
  const Named named = collect(session, soname);
  if (named.libraries.empty() && named.wanting.empty()) return unknown_soname(session, soname);
  std::vector<Subject> subjects;
  std::set<std::string_view> provided;
  for (const ObjectId library : named.libraries) {
    provided.insert(session.view.label(library));
    subjects.push_back(reverse_subject(session, library, consumers_of(session, library)));
  }

  const NameId name = session.system.names().find(soname);
  std::map<std::string_view, Subject> missing;  // by ABI
  for (const ObjectId id : named.wanting) {
    if (session.options.executables && !session.view.in_path(id)) continue;
    if (!wants_in_vain(session, id, name, provided)) continue;
    report::Block& block = missing[session.view.label(id)].block;
    block.soname = soname;
    block.abi = session.view.label(id);
    block.lines.push_back({&session.view.object(id), {}, report::Relation::same, {}});
  }
  for (auto& [abi, subject] : missing) subjects.push_back(std::move(subject));
  return subjects;
}

}  // namespace revdep::tool
