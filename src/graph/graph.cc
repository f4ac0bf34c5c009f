#include "graph/graph.h"

#include <algorithm>
#include <utility>

#include "loader/search_path.h"

namespace revdep::graph {
namespace {

using base::NameId;
using base::ObjectId;

// Whether they differ at most in the loader that they name, which is asked when the object is run itself.
bool is_alike_loaded(const loader::Image& one, loader::Image other) {
  other.interpreter = one.interpreter;
  return one == other;
}

}  // namespace

ObjectId Graph::find(std::string_view path) const {
  const ObjectId id = paths_.find(path);
  return id.valid() && id.index() < objects_.size() && present(id) ? id : ObjectId{};
}

std::vector<ObjectId> Graph::objects() const {
  std::vector<ObjectId> ids;
  ids.reserve(objects_.size());
  for (std::uint32_t id = 0; id < objects_.size(); ++id) {
    if (present(ObjectId{id})) ids.push_back(ObjectId{id});
  }
  return ids;
}

void Graph::reserve(std::size_t count) {
  names_.reserve(count / 2);  // as many as real systems have, about
  paths_.reserve(count);
  objects_.reserve(count);
  traits_.reserve(count);
  files_.reserve(count);
  providers_.reserve(count);
}

ObjectId Graph::put(std::string_view path, Object object) {
  const ObjectId id = paths_.intern(path);
  if (objects_.size() < paths_.size()) {
    objects_.resize(paths_.size());
    traits_.resize(paths_.size());
    files_.resize(paths_.size());
    providers_.resize(paths_.size());
  }
  changed_ = true;
  if (present(id) && is_alike_loaded(objects_[id.index()].image, object.image)) {
    simulated_.erase(id);
    objects_[id.index()] = std::move(object);
  } else {
    note_change(id);
    objects_[id.index()] = std::move(object);
    files_[id.index()] = id;
    note_change(id);
  }
  providers_[id.index()].clear();
  plugins_.erase(id);
  Traits& traits = traits_[id.index()];
  traits.uses_origin = loader::searches_from_origin(objects_[id.index()].image);
  if (!std::exchange(traits.dirty, true)) dirty_.push_back(id);
  return id;
}

// What is run and never loaded is in no closure but its own, and has no consumers.
void Graph::note_change(ObjectId id) {
  if (!present(id)) return;
  if (objects_[id.index()].image.loadable) {
    simulated_.clear();
    ++library_changes_;
  } else {
    simulated_.erase(id);
  }
}

void Graph::remove(ObjectId id) {
  changed_ = true;
  note_change(id);
  plugins_.erase(id);
  objects_[id.index()] = {};
  providers_[id.index()] = {};
  traits_[id.index()] = {};
  files_[id.index()] = {};
}

void Graph::set_plugins(ObjectId id, std::vector<Plugin> plugins) {
  if (plugins.empty()) {
    plugins_.erase(id);
  } else {
    plugins_[id] = std::move(plugins);
  }
}

std::span<const Plugin> Graph::plugins(ObjectId id) const {
  if (plugins_.empty()) return {};
  const auto found = plugins_.find(id);
  return found == plugins_.end() ? std::span<const Plugin>() : found->second;
}

void Graph::replace_package(base::PackageId package, const std::vector<std::pair<std::string, Object>>& objects) {
  for (std::uint32_t id = 0; id < objects_.size(); ++id) {
    if (present(ObjectId{id}) && objects_[id].package == package) remove(ObjectId{id});
  }
  for (const auto& [path, object] : objects) put(path, object);
}

std::span<const ObjectId> Graph::direct_consumers(ObjectId id) const { return consumers_.of(id.index()); }

void Graph::index_consumers() {
  consumers_ = group(objects_.size(), [this](const auto& use) {
    for (std::uint32_t requester = 0; requester < objects_.size(); ++requester) {
      const auto& providers = providers_[requester];
      for (auto provider = providers.begin(); provider != providers.end(); ++provider) {
        const bool is_new = std::find(providers.begin(), provider, *provider) == provider;
        if (provider->valid() && is_new) use(provider->index(), ObjectId{requester});
      }
    }
  });
}

// The same where only programs came, went or were put anew: all other edges stay.
void Graph::index_programs() {
  std::vector<bool> changed(objects_.size());
  for (std::uint32_t id = 0; id < objects_.size(); ++id) changed[id] = !present(ObjectId{id});
  std::vector<std::pair<ObjectId, ObjectId>> added;  // provider and program
  for (const ObjectId program : dirty_) {
    changed[program.index()] = true;
    for (const ObjectId provider : providers_[program.index()]) {
      if (provider.valid()) added.emplace_back(provider, program);
    }
  }
  std::ranges::sort(added);
  added.erase(std::unique(added.begin(), added.end()), added.end());
  Grouped consumers;
  consumers.starts.reserve(objects_.size() + 1);
  consumers.members.reserve(consumers_.members.size() + added.size());
  auto next = added.begin();
  for (std::uint32_t provider = 0; provider < objects_.size(); ++provider) {
    consumers.starts.push_back(static_cast<std::uint32_t>(consumers.members.size()));
    const auto add_before = [&](ObjectId other) {
      for (; next != added.end() && next->first.value == provider && next->second < other; ++next) {
        consumers.members.push_back(next->second);
      }
    };
    const bool is_old = provider + 1 < consumers_.starts.size();
    for (const ObjectId consumer : is_old ? direct_consumers(ObjectId{provider}) : std::span<const ObjectId>()) {
      add_before(consumer);
      if (!changed[consumer.index()]) consumers.members.push_back(consumer);
    }
    add_before(ObjectId{});
  }
  consumers.starts.push_back(static_cast<std::uint32_t>(consumers.members.size()));
  consumers_ = std::move(consumers);
}

// A name that nobody loads may be a hard link to one that somebody does: only the loader's view of it tells.
ObjectId Graph::ask_file(Linkers& linkers, ObjectId id) {
  const loader::Image& image = objects_[id.index()].image;
  const bool is_program = image.interpreter.valid() && !image.soname.valid();
  if (is_program) return files_[id.index()];
  const loader::Found itself = linkers.usual(image.abi).find_static(id, names_.intern(path(id)));
  if (!dirty_.empty()) resolve(linkers);
  return itself.opening == loader::Opening::object ? itself.file : files_[id.index()];
}

std::vector<ObjectId> Graph::consumers(Linkers& linkers, ObjectId library) {
  // A simulation can make objects known that are consumers as well.
  while (true) {
    const ObjectId file = ask_file(linkers, library);
    const std::uint64_t before = library_changes_;
    std::vector<ObjectId> found = find_consumers(linkers, library, file);
    if (library_changes_ == before) return found;
    resolve(linkers);
  }
}

std::vector<ObjectId> Graph::find_consumers(Linkers& linkers, ObjectId library, ObjectId file) {
  const elf::Abi abi = objects_[library.index()].image.abi;
  const auto count = static_cast<std::uint32_t>(objects_.size());
  std::vector<bool> reached(count);  // along edges, against them
  std::vector<bool> certain(count);  // contextual, and yet known to have it
  std::vector<ObjectId> queue = {library};
  std::vector<ObjectId> found;
  // Against the edges; one hard link stands for all.
  for (std::uint32_t id = 0; id < count; ++id) {
    if (present(ObjectId{id}) && id != library.value && files_[id] == file) queue.push_back(ObjectId{id});
  }
  for (const ObjectId link : queue) {
    for (const ObjectId consumer : direct_consumers(link)) {
      if (consumer == library || certain[consumer.index()] || !surely_loads(consumer, file)) continue;
      certain[consumer.index()] = true;
      found.push_back(consumer);
    }
  }
  for (std::size_t next = 0; next < queue.size(); ++next) {
    for (const ObjectId consumer : direct_consumers(queue[next])) {
      if (reached[consumer.index()]) continue;
      reached[consumer.index()] = true;
      // No closure along edges has the file that it starts from.
      if (consumer == library || files_[consumer.index()] == file) continue;
      queue.push_back(consumer);
      // Those that are contextual are asked one by one below.
      if (!contextual(consumer)) found.push_back(consumer);
    }
  }
  const auto mark_interpreted = [&](ObjectId id) {
    const loader::Image& image = objects_[id.index()].image;
    if (reached[id.index()] || !image.interpreter.valid()) return;
    const loader::Found& interpreter = linkers.of(image).interpreter(image.interpreter);
    if (interpreter.object.valid() && interpreter.file == file) found.push_back(id);
  };
  for (std::uint32_t index = 0; index < count; ++index) {
    const ObjectId id{index};
    if (!dirty_.empty()) resolve(linkers);  // a simulation made further objects known
    if (!present(id) || id == library) continue;
    if (!contextual(id) || (!reached[index] && !may_leave_edges(id))) {
      mark_interpreted(id);
      continue;
    }
    // No process maps an object of another ABI.
    if (certain[index] || !(objects_[index].image.abi == abi)) continue;
    const Closure& known = simulate(linkers, id);
    const bool has = std::any_of(known.objects.begin(), known.objects.end(),
                                 [&](const loader::Mapped& mapped) { return mapped.file == file; });
    if (has) found.push_back(id);
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace revdep::graph
