// From needed entries to edges.
#include <algorithm>
#include <utility>

#include "base/tree.h"
#include "graph/graph.h"

namespace revdep::graph {
namespace {

using base::NameId;
using base::ObjectId;
using loader::Opening;

}  // namespace

const Graph::NameTraits& Graph::name_traits(NameId name) {
  while (name_traits_.size() <= name.index()) {
    const std::string_view text = names_.view(NameId{static_cast<std::uint32_t>(name_traits_.size())});
    // The empty name means the program, a token the requester's place, and the vdso has no file.
    const bool special = text.empty() || text.find('$') != std::string_view::npos || text.starts_with("linux-");
    name_traits_.push_back({text.find('/') != std::string_view::npos, special});
  }
  return name_traits_[name.index()];
}

void Graph::find_edges(Linkers& linkers, ObjectId id) {
  loader::Linker& linker = linkers.usual(objects_[id.index()].image.abi);
  std::vector<ObjectId> providers;
  providers.reserve(objects_[id.index()].image.needed.size());
  bool unsteady = linker.depends_on_context(objects_[id.index()].image);
  bool needs_path = false;
  // An answer can make new objects known and so move objects_: nothing is held across find_static.
  for (std::size_t index = 0; index < objects_[id.index()].image.needed.size(); ++index) {
    const NameId name = objects_[id.index()].image.needed[index];
    const loader::Found found = linker.find_static(id, name);
    const bool is_object = found.opening == Opening::object;
    providers.push_back(is_object ? found.object : ObjectId{});
    const NameTraits& traits = name_traits(name);
    needs_path = needs_path || traits.is_path || traits.special;
    unsteady = unsteady || found.opening == Opening::fatal || traits.special;
    if (!is_object) continue;
    traits_[found.object.index()].file = found.file;
    if (unsteady || !traits_[found.object.index()].uses_origin) continue;
    unsteady = found.directory == nullptr || *found.directory != base::split_path(path(found.object)).first;
  }
  // Asked here, so that later questions make nothing new known.
  if (objects_[id.index()].image.interpreter.valid()) interpreter_object(linkers, objects_[id.index()].image);
  linker.interpreter_object();
  providers_[id.index()] = std::move(providers);
  traits_[id.index()].unsteady = unsteady;
  traits_[id.index()].needs_path = needs_path;
}

// Hard links of an object that was put anew or is gone: who they are one file with now, the next answers say.
void Graph::part_twins() {
  std::vector<bool> parted(objects_.size());
  for (std::uint32_t index = 0; index < objects_.size(); ++index) {
    const ObjectId file = traits_[index].file;
    if (!objects_[index].present || file.value == index || !file.valid()) continue;
    parted[index] = !objects_[file.index()].present || traits_[file.index()].dirty;
  }
  for (std::uint32_t index = 0; index < objects_.size(); ++index) {
    if (!parted[index]) continue;
    traits_[index].file = ObjectId{index};
    if (!std::exchange(traits_[index].dirty, true)) dirty_.push_back(ObjectId{index});
  }
}

// Programs that came or went are nobody's providers: the others keep their edges. False: more than that changed.
bool Graph::resolve_programs(Linkers& linkers) {
  const auto others_changed = [this] { return library_changes_ != resolved_changes_; };
  for (std::size_t next = 0; !others_changed() && next < dirty_.size(); ++next) {
    const ObjectId id = dirty_[next];
    if (objects_[id.index()].present) find_edges(linkers, id);
  }
  if (others_changed()) return false;
  const std::size_t count = dirty_.size();
  index_programs();
  for (std::size_t next = 0; next < count; ++next) {
    const ObjectId id = dirty_[next];
    if (objects_[id.index()].present && !fits_in(linkers, id)) return false;
  }
  if (dirty_.size() != count || others_changed()) return false;
  for (const ObjectId id : dirty_) traits_[id.index()].dirty = false;
  dirty_.clear();
  return true;
}

void Graph::resolve(Linkers& linkers, std::span<const NameId> changed_names) {
  if (!std::exchange(changed_, false) && changed_names.empty()) return;
  if (changed_names.empty() && resolve_programs(linkers)) return;
  if (!changed_names.empty()) simulated_.clear();
  std::vector<bool> changed(names_.size());
  for (const NameId name : changed_names) changed[name.index()] = true;
  part_twins();
  for (std::uint32_t index = 0; index < objects_.size(); ++index) {
    if (!objects_[index].present || traits_[index].dirty) continue;
    const auto& needed = objects_[index].image.needed;
    const auto& providers = providers_[index];
    const bool stale =
        traits_[index].needs_path ||
        std::any_of(needed.begin(), needed.end(), [&](NameId name) { return changed[name.index()]; }) ||
        std::any_of(providers.begin(), providers.end(), [&](ObjectId provider) {
          return provider.valid() && (!objects_[provider.index()].present || traits_[provider.index()].dirty);
        });
    if (!stale) continue;
    traits_[index].dirty = true;
    dirty_.push_back(ObjectId{index});
  }
  // Answers can put further objects, which join the queue.
  for (std::size_t next = 0; next < dirty_.size(); ++next) {
    const ObjectId id = dirty_[next];
    traits_[id.index()].dirty = false;
    if (objects_[id.index()].present) find_edges(linkers, id);
  }
  dirty_.clear();
  resolved_changes_ = library_changes_;
  index_consumers();
  find_contextual(linkers);
}

}  // namespace revdep::graph
