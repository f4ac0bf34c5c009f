// The test for objects whose closure depends on context: on what else is loaded, and on how they are started.
#include <algorithm>
#include <utility>

#include "graph/by_abi.h"
#include "graph/graph.h"

namespace revdep::graph {

using base::NameId;
using base::ObjectId;

// What each name means to the objects of one ABI.
class Graph::Meanings {
 public:
  explicit Meanings(std::size_t names) : by_name_(names, unknown) {}
  /// `name` means `file` to someone (invalid: nothing).
  void note(NameId name, ObjectId file) {
    ObjectId& meaning = by_name_[name.index()];
    const ObjectId value = file.valid() ? file : not_found;
    meaning = meaning == unknown || meaning == value ? value : several;
  }
  [[nodiscard]] bool ambiguous(NameId name) const { return of(name) == several; }
  /// Whether note() would change nothing.
  [[nodiscard]] bool has(NameId name, ObjectId file) const {
    return ambiguous(name) || of(name) == (file.valid() ? file : not_found);
  }
  /// Whether someone asks for `name` and means anything else.
  [[nodiscard]] bool means_other(NameId name, ObjectId file) const { return of(name) != unknown && of(name) != file; }

 private:
  static constexpr ObjectId unknown{ObjectId::none};
  static constexpr ObjectId several{ObjectId::none - 1};
  static constexpr ObjectId not_found{ObjectId::none - 2};
  // A name may be younger than this.
  [[nodiscard]] ObjectId of(NameId name) const {
    return name.index() < by_name_.size() ? by_name_[name.index()] : ObjectId{unknown};
  }
  std::vector<ObjectId> by_name_;
};

class Graph::MeaningsByAbi : public ByAbi<Meanings> {
  using ByAbi::ByAbi;
};

Graph::Graph() = default;
Graph::~Graph() = default;

void Graph::find_contextual(Linkers& linkers) {
  meanings_ = std::make_unique<MeaningsByAbi>(Meanings(names_.size()));
  MeaningsByAbi& all_meanings = *meanings_;
  for (std::uint32_t index = 0; index < objects_.size(); ++index) {
    if (!present(ObjectId{index})) continue;
    const loader::Image& image = objects_[index].image;
    Meanings& meanings = all_meanings[image.abi];
    for (std::size_t entry = 0; entry < providers_[index].size(); ++entry) {
      const ObjectId provider = providers_[index][entry];
      const ObjectId file = provider.valid() ? files_[provider.index()] : ObjectId{};
      if (!name_traits(image.needed[entry]).is_path) meanings.note(image.needed[entry], file);
    }
    // Once loaded, an object answers to its SONAME as well.
    if (!direct_consumers(ObjectId{index}).empty() && image.soname.valid()) {
      meanings.note(image.soname, files_[index]);
    }
  }
  for (std::uint32_t index = 0; index < objects_.size(); ++index) {
    if (!present(ObjectId{index})) continue;
    Traits& traits = traits_[index];
    const loader::Image& image = objects_[index].image;
    const Meanings& meanings = all_meanings[image.abi];
    traits.strays = traits.unsteady;
    traits.contextual = traits.unsteady || std::any_of(image.needed.begin(), image.needed.end(),
                                                       [&](NameId name) { return meanings.ambiguous(name); });
  }
  spread(&Traits::strays);
  spread(&Traits::contextual);
  mark_roots(linkers);
}

// To all that lead to an object that has it.
void Graph::spread(bool Traits::*trait) {
  std::vector<ObjectId> queue;
  for (std::uint32_t index = 0; index < objects_.size(); ++index) {
    if (traits_[index].*trait) queue.push_back(ObjectId{index});
  }
  for (std::size_t next = 0; next < queue.size(); ++next) {
    for (const ObjectId consumer : direct_consumers(queue[next])) {
      if (!std::exchange(traits_[consumer.index()].*trait, true)) queue.push_back(consumer);
    }
  }
}

void Graph::mark_roots(Linkers& linkers) {
  // Asked before anything is held, as an answer can make an object known.
  for (const auto& [abi, meanings] : meanings_->values()) linkers.usual(abi).interpreter_object();
  has_twin_.assign(objects_.size(), false);
  for (std::uint32_t index = 0; index < objects_.size(); ++index) {
    const ObjectId file = files_[index];
    if (!file.valid() || file.value == index) continue;
    has_twin_[index] = true;
    has_twin_[file.index()] = true;
  }
  for (std::uint32_t index = 0; index < objects_.size(); ++index) {
    if (present(ObjectId{index})) mark_root(linkers, ObjectId{index});
  }
}

// What is decided by the program itself: how it is started, and its own names. The loader does not know which files the
// program and itself are: by another of its names each is loaded again.
void Graph::mark_root(Linkers& linkers, ObjectId id) {
  Traits& traits = traits_[id.index()];
  const NameId soname = objects_[id.index()].image.soname;
  traits.starts_apart = starts_apart(linkers, id);
  traits.contextual_as_root =
      traits.starts_apart || has_twin_[id.index()] ||
      (soname.valid() && (*meanings_)[objects_[id.index()].image.abi].means_other(soname, files_[id.index()]));
}

// Whether its loader, the secure rules or preloaded objects make the same names mean other files to it.
bool Graph::starts_apart(Linkers& linkers, ObjectId id) {
  const loader::Image& image = objects_[id.index()].image;
  loader::Linker& usual = linkers.usual(image.abi);
  const bool has_own_rules = image.interpreter.valid() && (linkers.preloads() || &linkers.of(image) != &usual ||
                                                           (image.secure && traits_[id.index()].uses_origin));
  // A library is taken to be loaded by the usual one.
  const ObjectId interpreter =
      image.interpreter.valid() ? interpreter_object(linkers, image) : usual.interpreter_object();
  if (has_own_rules || !interpreter.valid()) return has_own_rules;
  const NameId soname = objects_[interpreter.index()].image.soname;
  return has_twin_[interpreter.index()] ||
         (soname.valid() && (*meanings_)[image.abi].means_other(soname, files_[interpreter.index()]));
}

// Whether a contextual object has `file` in its closure for certain: it asks for it by a name that means that one file to
// all who ask, and what an object asks for itself is looked up before what its libraries do. Where the way it is started
// counts, or a path among its needed entries, or where it is a hard link to that file, only the simulation tells.
bool Graph::surely_loads(ObjectId id, ObjectId file) {
  const Traits& traits = traits_[id.index()];
  if (!traits.contextual || traits.contextual_as_root || traits.needs_path || files_[id.index()] == file) return false;
  const loader::Image& image = objects_[id.index()].image;
  const Meanings& meanings = (*meanings_)[image.abi];
  const std::vector<ObjectId>& providers = providers_[id.index()];
  for (std::size_t entry = 0; entry < providers.size(); ++entry) {
    const bool is_file = providers[entry].valid() && files_[providers[entry].index()] == file;
    if (is_file && !meanings.ambiguous(image.needed[entry])) return true;
  }
  return false;
}

// Whether the closure of a contextual object may have what no edges lead to from it. Names that mean several files are no
// reason: whatever is loaded was found by someone's own search, which is that one's edge, and who finds a name taken loads
// nothing.
bool Graph::may_leave_edges(ObjectId id) const {
  return traits_[id.index()].strays || traits_[id.index()].starts_apart;
}

// Whether a program that nobody loads means by its names what others mean: then only its own closure is to be judged, which
// is done. False: what depends on context has to be found anew.
bool Graph::fits_in(Linkers& linkers, ObjectId id) {
  const loader::Image& image = objects_[id.index()].image;
  const Meanings& meanings = (*meanings_)[image.abi];
  bool strays = traits_[id.index()].unsteady;
  bool contextual = strays;
  for (std::size_t entry = 0; entry < image.needed.size(); ++entry) {
    const NameId name = image.needed[entry];
    const ObjectId provider = providers_[id.index()][entry];
    const ObjectId file = provider.valid() ? files_[provider.index()] : ObjectId{};
    if (!name_traits(name).is_path && !meanings.has(name, file)) return false;
    contextual = contextual || meanings.ambiguous(name);
    if (!provider.valid()) continue;
    const NameId soname = objects_[provider.index()].image.soname;
    if (soname.valid() && !meanings.has(soname, file)) return false;
    contextual = contextual || traits_[provider.index()].contextual;
    strays = strays || traits_[provider.index()].strays;
  }
  traits_[id.index()].contextual = contextual;
  traits_[id.index()].strays = strays;
  has_twin_.resize(objects_.size());
  mark_root(linkers, id);
  return true;
}

}  // namespace revdep::graph
