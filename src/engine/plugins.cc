// What is opened at run time: `.note.dlopen` entries and the admin's `load` rules as edges, and the closures with them.
#include <algorithm>
#include <unordered_set>
#include <utility>

#include "config/glob.h"
#include "engine/system.h"
#include "loader/search_path.h"

namespace revdep::engine {
namespace {

using base::NameId;
using base::ObjectId;
using loader::How;

}  // namespace

// A suggested library is one that the program is as good without.
void System::note_plugins(ObjectId object, std::vector<elf::DlopenNote> notes) {
  if (!options_.dlopen) return;
  std::erase_if(notes, [](const elf::DlopenNote& note) { return note.priority == "suggested"; });
  if (!notes.empty() || ruled_plugins_.contains(object)) unsettled_.insert(object);
  if (notes.empty()) {
    dlopen_notes_.erase(object);
  } else {
    dlopen_notes_[object] = std::move(notes);
  }
}

// The first of the sonames that is there. What the program's own DT_RPATH would add is not looked at.
std::optional<graph::Plugin> System::find_plugin(ObjectId object, const elf::DlopenNote& note) {
  for (const std::string& soname : note.sonames) {
    const NameId name = names().intern(soname);
    const loader::Found found = usual(image(object).abi).find_static(object, name);
    if (found.opening != loader::Opening::object) continue;
    return graph::Plugin{found.object, name, false};
  }
  return std::nullopt;
}

void System::settle_plugins() {
  while (!unsettled_.empty()) {
    const ObjectId object = *unsettled_.begin();
    unsettled_.erase(unsettled_.begin());
    std::vector<graph::Plugin> plugins;
    if (const auto ruled = ruled_plugins_.find(object); ruled != ruled_plugins_.end()) plugins = ruled->second;
    if (const auto noted = dlopen_notes_.find(object); noted != dlopen_notes_.end()) {
      for (const elf::DlopenNote& note : noted->second) {
        const auto plugin = find_plugin(object, note);
        if (plugin && std::ranges::find(plugins, *plugin) == plugins.end()) plugins.push_back(*plugin);
      }
    }
    graph_.set_plugins(object, std::move(plugins));
    graph_.resolve(*this);  // the search can have made further objects known, with notes of their own
  }
}

void System::apply_load_rules(const config::Rules& rules) {
  if (!options_.dlopen) return;
  for (const config::Load& rule : rules.loads) {
    if (config::is_plain(rule.libraries)) find_or_read(tree_.resolve(config::plain_path(rule.libraries)).path);
    std::vector<graph::Plugin> libraries;
    std::vector<ObjectId> executables;
    for (const ObjectId id : graph_.objects()) {
      const std::string where(path(id));
      if (config::matches(rule.libraries, where) && image(id).loadable) {
        const NameId soname = image(id).soname;
        libraries.push_back({id, soname.valid() ? soname : names().intern(base::split_path(path(id)).second), true});
      }
      if (config::matches(rule.executables, where)) executables.push_back(id);
    }
    for (const ObjectId executable : executables) {
      std::vector<graph::Plugin>& plugins = ruled_plugins_[executable];
      for (const graph::Plugin& library : libraries) {
        const bool is_new = std::ranges::find(plugins, library) == plugins.end();
        // What it opens is of its own ABI.
        if (is_new && image(library.object).abi == image(executable).abi) plugins.push_back(library);
      }
    }
  }
  for (const auto& [executable, plugins] : ruled_plugins_) unsettled_.insert(executable);
}

void System::read_all_markings() {
  // Plugins can be objects that nobody knew of.
  for (std::size_t known = 0; known != graph_.size() || !unsettled_.empty();) {
    settle_plugins();
    known = graph_.size();
    known_.resize(std::max(known_.size(), known));
    for (std::uint32_t index = 0; index < known; ++index) {
      const ObjectId id{index};
      if (known_[index].marking.reading == Reading::unread && graph_.present(id)) read_marking(id);
    }
    graph_.resolve(*this);
  }
}

void System::finish_reading() {
  read_all_markings();
  second_reader_.finish();
  facts_ahead_.clear();
  markings_ahead_.clear();
}

graph::Closure System::closure(ObjectId object) {
  while (true) {
    graph::Closure closure = link_closure(object);
    if (!options_.dlopen) return closure;
    for (const loader::Mapped& mapped : closure.objects) marking(mapped.object);
    settle_plugins();
    closure = graph_.closure_with_plugins(*this, object);
    graph_.resolve(*this);
    for (std::size_t index = closure.linked; index < closure.objects.size(); ++index) {
      marking(closure.objects[index].object);
    }
    if (unsettled_.empty()) return closure;
  }
}

loader::Mapping System::explain(ObjectId object) {
  if (options_.dlopen) closure(object);  // finds the plugins
  loader::Mapping mapping = of(image(object)).simulate(object);
  std::unordered_set<ObjectId> files = {object};
  for (const loader::Mapped& mapped : mapping.objects) files.insert(mapped.file);
  std::size_t next = 0;
  for (ObjectId at = object; at.valid();
       at = next < mapping.objects.size() ? mapping.objects[next++].object : ObjectId{}) {
    for (const graph::Plugin& plugin : graph_.plugins(at)) {
      const bool is_loaded = std::ranges::any_of(mapping.objects, [&](const loader::Mapped& mapped) {
        return mapped.name == plugin.name || image(mapped.object).soname == plugin.name;
      });
      if (!plugin.by_path && is_loaded) continue;
      mapping.resolutions.push_back({at, plugin.name, plugin.object, {}, How::dlopened});
      if (!files.insert(plugin.object).second) continue;
      mapping.objects.push_back({plugin.object, plugin.object, plugin.name, at});
      loader::Mapping needed = usual(image(plugin.object).abi).simulate(plugin.object);
      for (loader::Resolution& resolution : needed.resolutions) {
        if (resolution.how == How::interpreter || resolution.how == How::preload) continue;
        if (resolution.provider.valid() && files.contains(resolution.provider)) resolution.how = How::loaded;
        mapping.resolutions.push_back(resolution);
      }
      for (const loader::Mapped& mapped : needed.objects) {
        if (files.insert(mapped.file).second) mapping.objects.push_back(mapped);
      }
    }
  }
  return mapping;
}

}  // namespace revdep::engine
