// From needed entries to edges.
#include <algorithm>
#include <utility>

#include "base/tree.h"
#include "graph/by_abi.h"
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

// What a name means to the requesters of one ABI that have no extras: the loader answers all of them alike (find_static in
// loader/linker.h), so that it is asked once in a resolve().
class Graph::SharedAnswers {
 public:
  struct Answer {
    ObjectId provider;
    bool known = false;
    bool unsteady = false;
  };
  Answer& of(elf::Abi abi, NameId name) {
    std::vector<Answer>& answers = by_abi_[abi];
    if (answers.size() <= name.index()) answers.resize(std::max(name.index() + 1, answers.size() * 2));
    return answers[name.index()];
  }
  // Fetches ahead what will be asked for `image`.
  void expect(const loader::Image& image) {
    const std::vector<Answer>& answers = by_abi_[image.abi];
    for (const NameId name : image.needed) {
      if (name.index() < answers.size()) __builtin_prefetch(&answers[name.index()]);
    }
  }

 private:
  ByAbi<std::vector<Answer>> by_abi_;  // by NameId
};

void Graph::find_edges(Linkers& linkers, ObjectId id, SharedAnswers& shared) {
  const elf::Abi abi = objects_[id.index()].image.abi;
  loader::Linker& linker = linkers.usual(abi);
  const bool has_extras = objects_[id.index()].image.extras != nullptr;
  std::vector<ObjectId> providers;
  providers.reserve(objects_[id.index()].image.needed.size());
  bool unsteady = linker.depends_on_context(objects_[id.index()].image);
  bool needs_path = false;
  // An answer can make new objects known and so move objects_: nothing is held across find_static.
  for (std::size_t index = 0; index < objects_[id.index()].image.needed.size(); ++index) {
    const NameId name = objects_[id.index()].image.needed[index];
    if (const SharedAnswers::Answer& known = shared.of(abi, name); known.known && !has_extras) {
      providers.push_back(known.provider);
      unsteady = unsteady || known.unsteady;
      continue;
    }
    const loader::Found found = linker.find_static(id, name);
    const bool is_object = found.opening == Opening::object;
    const ObjectId provider = is_object ? found.object : ObjectId{};
    bool depends = found.opening == Opening::fatal;
    if (is_object) {
      files_[provider.index()] = found.file;
      depends = traits_[provider.index()].uses_origin &&
                (found.directory == nullptr || *found.directory != base::split_path(path(provider)).first);
    }
    const NameTraits& traits = name_traits(name);
    providers.push_back(provider);
    needs_path = needs_path || traits.is_path || traits.special;
    unsteady = unsteady || depends || traits.special;
    if (!has_extras && !traits.is_path && !traits.special) shared.of(abi, name) = {provider, true, depends};
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
    const ObjectId file = files_[index];
    if (!file.valid() || file.value == index) continue;
    parted[index] = !present(file) || traits_[file.index()].dirty;
  }
  for (std::uint32_t index = 0; index < objects_.size(); ++index) {
    if (!parted[index]) continue;
    files_[index] = ObjectId{index};
    if (!std::exchange(traits_[index].dirty, true)) dirty_.push_back(ObjectId{index});
  }
}

// Programs that came or went are nobody's providers: the others keep their edges. False: more than that changed.
bool Graph::resolve_programs(Linkers& linkers) {
  const auto others_changed = [this] { return library_changes_ != resolved_changes_; };
  SharedAnswers shared;
  for (std::size_t next = 0; !others_changed() && next < dirty_.size(); ++next) {
    const ObjectId id = dirty_[next];
    if (present(id)) find_edges(linkers, id, shared);
  }
  if (others_changed()) return false;
  const std::size_t count = dirty_.size();
  index_programs();
  for (std::size_t next = 0; next < count; ++next) {
    const ObjectId id = dirty_[next];
    if (present(id) && !fits_in(linkers, id)) return false;
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
    if (traits_[index].dirty || !present(ObjectId{index})) continue;
    const auto& needed = objects_[index].image.needed;
    const auto& providers = providers_[index];
    const bool stale = traits_[index].needs_path ||
                       std::any_of(needed.begin(), needed.end(), [&](NameId name) { return changed[name.index()]; }) ||
                       std::any_of(providers.begin(), providers.end(), [&](ObjectId provider) {
                         return provider.valid() && (!present(provider) || traits_[provider.index()].dirty);
                       });
    if (!stale) continue;
    traits_[index].dirty = true;
    dirty_.push_back(ObjectId{index});
  }
  SharedAnswers shared;
  // Answers can put further objects, which join the queue.
  constexpr std::size_t ahead = 8;  // in a large graph each name is a cache miss
  for (std::size_t next = 0; next < dirty_.size(); ++next) {
    const ObjectId id = dirty_[next];
    if (next + ahead < dirty_.size()) shared.expect(objects_[dirty_[next + ahead].index()].image);
    traits_[id.index()].dirty = false;
    if (present(id)) find_edges(linkers, id, shared);
  }
  dirty_.clear();
  resolved_changes_ = library_changes_;
  index_consumers();
  find_contextual(linkers);
}

}  // namespace revdep::graph
