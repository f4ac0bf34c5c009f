// From needed entries to edges, and the test for objects whose closure depends on context.
#include <algorithm>
#include <map>
#include <utility>

#include "base/tree.h"
#include "graph/graph.h"

namespace revdep::graph {
namespace {

using base::NameId;
using base::ObjectId;
using loader::Opening;

}  // namespace

// What each name means to the objects of one ABI.
class Graph::Meanings {
 public:
  explicit Meanings(std::size_t names) : files_(names, unknown) {}
  /// `name` means `file` to someone (invalid: nothing).
  void note(NameId name, ObjectId file) {
    ObjectId& meaning = files_[name.index()];
    const ObjectId value = file.valid() ? file : not_found;
    meaning = meaning == unknown || meaning == value ? value : several;
  }
  [[nodiscard]] bool ambiguous(NameId name) const { return files_[name.index()] == several; }
  /// Whether someone asks for `name` and means anything else.
  [[nodiscard]] bool means_other(NameId name, ObjectId file) const {
    return files_[name.index()] != unknown && files_[name.index()] != file;
  }

 private:
  static constexpr ObjectId unknown{ObjectId::none};
  static constexpr ObjectId several{ObjectId::none - 1};
  static constexpr ObjectId not_found{ObjectId::none - 2};
  std::vector<ObjectId> files_;  // by NameId
};

class Graph::MeaningsByAbi {
 public:
  explicit MeaningsByAbi(std::size_t names) : names_(names) {}
  Meanings& operator[](elf::Abi abi) {
    // Nearly every question is about the ABI of the one before.
    if (last_ == nullptr || !(last_abi_ == abi)) {
      last_ = &by_abi_.try_emplace(abi, names_).first->second;
      last_abi_ = abi;
    }
    return *last_;
  }

 private:
  std::size_t names_;
  std::map<elf::Abi, Meanings> by_abi_;
  Meanings* last_ = nullptr;
  elf::Abi last_abi_;
};

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
  bool own_directories = objects_[id.index()].image.extras != nullptr;
  // An answer can make new objects known and so move objects_: nothing is held across find_static.
  for (std::size_t index = 0; index < objects_[id.index()].image.needed.size(); ++index) {
    const NameId name = objects_[id.index()].image.needed[index];
    const loader::Found found = linker.find_static(id, name);
    const bool is_object = found.opening == Opening::object;
    providers.push_back(is_object ? found.object : ObjectId{});
    const NameTraits& traits = name_traits(name);
    own_directories = own_directories || traits.is_path;
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
  traits_[id.index()].own_directories = own_directories;
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

void Graph::resolve(Linkers& linkers, std::span<const NameId> changed_names) {
  if (!std::exchange(changed_, false) && changed_names.empty()) return;
  std::vector<bool> changed(names_.size());
  for (const NameId name : changed_names) changed[name.index()] = true;
  part_twins();
  for (std::uint32_t index = 0; index < objects_.size(); ++index) {
    if (!objects_[index].present || traits_[index].dirty) continue;
    const auto& needed = objects_[index].image.needed;
    const auto& providers = providers_[index];
    const bool stale =
        traits_[index].own_directories ||
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
  index_consumers();
  find_contextual(linkers);
}

void Graph::find_contextual(Linkers& linkers) {
  MeaningsByAbi all_meanings(names_.size());
  for (std::uint32_t index = 0; index < objects_.size(); ++index) {
    if (!objects_[index].present) continue;
    const loader::Image& image = objects_[index].image;
    Meanings& meanings = all_meanings[image.abi];
    for (std::size_t entry = 0; entry < providers_[index].size(); ++entry) {
      const ObjectId provider = providers_[index][entry];
      const ObjectId file = provider.valid() ? traits_[provider.index()].file : ObjectId{};
      if (!name_traits(image.needed[entry]).is_path) meanings.note(image.needed[entry], file);
    }
    // Once loaded, an object answers to its SONAME as well.
    if (!direct_consumers(ObjectId{index}).empty() && image.soname.valid()) {
      meanings.note(image.soname, traits_[index].file);
    }
  }
  std::vector<ObjectId> queue;
  for (std::uint32_t index = 0; index < objects_.size(); ++index) {
    Traits& traits = traits_[index];
    const loader::Image& image = objects_[index].image;
    const Meanings& meanings = all_meanings[image.abi];
    traits.contextual = objects_[index].present &&
                        (traits.unsteady || std::any_of(image.needed.begin(), image.needed.end(),
                                                        [&](NameId name) { return meanings.ambiguous(name); }));
    if (traits.contextual) queue.push_back(ObjectId{index});
  }
  for (std::size_t next = 0; next < queue.size(); ++next) {
    for (const ObjectId consumer : direct_consumers(queue[next])) {
      if (!std::exchange(traits_[consumer.index()].contextual, true)) queue.push_back(consumer);
    }
  }
  mark_roots(linkers, all_meanings);
}

// What is decided by the program itself: its loader, its own SONAME, the secure rules, preloaded objects.
void Graph::mark_roots(Linkers& linkers, MeaningsByAbi& all_meanings) {
  const bool preloads = linkers.preloads();
  std::map<elf::Abi, ObjectId> usual_interpreters;
  const auto usual_interpreter = [&](elf::Abi abi) {
    const auto [place, is_new] = usual_interpreters.try_emplace(abi);
    loader::Linker& linker = linkers.usual(abi);
    if (is_new) place->second = linker.interpreter_object();
    return place->second;
  };
  // Asked before anything is held, as an answer can make an object known.
  for (std::uint32_t index = 0; index < objects_.size(); ++index) {
    if (objects_[index].present) usual_interpreter(objects_[index].image.abi);
  }
  std::vector<bool> has_twin(objects_.size());
  for (std::uint32_t index = 0; index < objects_.size(); ++index) {
    const ObjectId file = traits_[index].file;
    if (!objects_[index].present || file.value == index) continue;
    has_twin[index] = true;
    has_twin[file.index()] = true;
  }
  for (std::uint32_t index = 0; index < objects_.size(); ++index) {
    if (!objects_[index].present) continue;
    const loader::Image& image = objects_[index].image;
    const Meanings& meanings = all_meanings[image.abi];
    // The loader does not know which files the program and itself are: by another of its names each is loaded again.
    bool contextual = has_twin[index];
    contextual = contextual || (image.soname.valid() && meanings.means_other(image.soname, traits_[index].file));
    if (image.interpreter.valid()) {
      contextual = contextual || preloads || &linkers.of(image) != &linkers.usual(image.abi) ||
                   (image.secure && traits_[index].uses_origin);
    }
    // A library is taken to be loaded by the usual one.
    const ObjectId interpreter =
        image.interpreter.valid() ? interpreter_object(linkers, image) : usual_interpreter(image.abi);
    if (interpreter.valid()) {
      const loader::Image& loaded_first = objects_[interpreter.index()].image;
      contextual =
          contextual || has_twin[interpreter.index()] ||
          (loaded_first.soname.valid() && meanings.means_other(loaded_first.soname, traits_[interpreter.index()].file));
    }
    traits_[index].contextual_as_root = contextual;
  }
}

}  // namespace revdep::graph
