#include "loader/glibc.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/tree.h"

namespace revdep::loader {
namespace {

using base::NameId;
using base::ObjectId;

constexpr std::uint32_t program_index = 0;
constexpr std::uint32_t interpreter_index = 1;
constexpr std::uint32_t nothing = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint32_t virtual_index = nothing - 1;

// The sonames of the kernel's vdso, which is a link map of every process.
constexpr std::string_view vdso_names[] = {"linux-vdso.so.1", "linux-gate.so.1", "linux-vdso32.so.1",
                                           "linux-vdso64.so.1"};

bool has_slash(std::string_view name) { return name.find('/') != std::string_view::npos; }

bool ends_search(const Found& found) { return found.opening == Opening::object || found.opening == Opening::fatal; }

template <class Stamps>
auto& slot(Stamps& stamps, std::size_t index) {
  if (stamps.size() <= index) stamps.resize(std::max(index + 1, stamps.size() * 2));
  return stamps[index];
}

}  // namespace

struct GlibcLinker::Process {
  std::vector<Loaded> maps;
  struct Listed {
    std::uint32_t index;
    base::NameId name;
    std::uint32_t requester;
    bool done = false;
  };
  std::vector<Listed> list;  // dl-deps.c's breadth-first list
  Mapping mapping;
  bool secure = false;  // AT_SECURE

  // For what most programs load: growing step by step costs more than the rest of a simulation.
  void reserve() {
    constexpr std::size_t objects = 64;
    maps.reserve(objects);
    list.reserve(objects);
    mapping.objects.reserve(objects);
    mapping.resolutions.reserve(objects * 8);
  }
};

GlibcLinker::GlibcLinker(Files& files, elf::Abi abi, Platform platform, const Configuration& configuration)
    : Linker(files, abi, std::move(platform), configuration, Opening::absent) {
  for (const std::string_view name : vdso_names) vdso_.push_back(files.names().intern(name));
  if (configuration.cache == nullptr) default_directories_ = configuration.conf_directories;
  for (const std::string& directory : platform_.system_directories) {
    if (std::find(default_directories_.begin(), default_directories_.end(), directory) == default_directories_.end()) {
      default_directories_.push_back(directory);
    }
  }
}

Found GlibcLinker::search_default(std::string_view name) {
  if (has_slash(name)) return {};
  Found found = find_cached(name);
  if (found.opening == Opening::absent) found = find_in(default_directories_, name, How::directory, {});
  return found;
}

// As the loader compares it: by the text of a cache entry.
bool GlibcLinker::names_system_directory(std::string_view path) const {
  return std::any_of(platform_.system_directories.begin(), platform_.system_directories.end(),
                     [&](const std::string& system) { return path.starts_with(system + '/'); });
}

bool GlibcLinker::depends_on_context(const Image& image) const {
  if (!image.extras) return false;
  const Extras& extras = *image.extras;
  return (extras.rpath && !extras.rpath->empty()) || !extras.auxiliary.empty() || !extras.filter.empty() ||
         extras.no_default_lib || (extras.runpath && is_read_apart_when_secure(*extras.runpath, platform_));
}

TokenValues GlibcLinker::token_values(const Process& process, std::uint32_t index) const {
  const std::string* const origin = process.maps[index].origin;
  return {origin != nullptr ? std::string_view(*origin) : std::string_view(), &platform_, process.secure,
          index == program_index};
}

Linker::SearchList& GlibcLinker::search_list(const std::string& raw, const TokenValues& values,
                                             const std::string* origin) {
  const auto [list, is_new] =
      search_lists_.try_emplace(std::make_tuple(raw, origin, values.secure, values.secure && values.program));
  if (is_new) list->second.directories = split_search_path(raw, values);
  return list->second;
}

void GlibcLinker::forget() {
  Linker::forget();
  search_lists_.clear();
}

// dl-deps.c's expand_dst. nullopt: the loader gives up, as for any token in a secure process.
std::optional<NameId> GlibcLinker::expand_name(const Process& process, std::uint32_t requester, NameId name) {
  if (!spelling(name).token) return name;
  const std::string_view text = files_.names().view(name);
  const std::optional<std::string> expanded = expand_tokens(text, token_values(process, requester));
  if (!expanded || (process.secure && *expanded != text)) return std::nullopt;
  return files_.names().intern(*expanded);
}

Found GlibcLinker::find_static(ObjectId requester, NameId name) {
  const Image& image = files_.image(requester);
  if (!image.extras && !spelling(name).slash && !spelling(name).token) return find_default(name);
  Process process;
  process.secure = image.secure;  // such a program asks in no process but its own
  Loaded self;
  self.object = requester;
  self.origin = home(requester);
  process.maps.push_back(self);
  const std::optional<NameId> expanded = expand_name(process, program_index, name);
  return expanded ? search(process, program_index, *expanded, Reason::needed) : Found{};
}

// _dl_map_object's search, once no loaded map has the name.
Found GlibcLinker::search(Process& process, std::uint32_t requester, NameId name, Reason reason) {
  // Shared, as a look-up can make new objects known and move the images.
  const std::shared_ptr<const Extras> extras = files_.image(process.maps[requester].object).extras;
  const std::string_view text = files_.names().view(name);
  if (spelling(name).slash) return find_path(text);
  // Without a slash, a secure process preloads only what is set-user-id, which no library is.
  if (reason == Reason::preload && process.secure) return {};
  const auto find_in_rpath = [&](std::uint32_t index) -> Found {
    const Loaded& link = process.maps[index];
    const Image& asked = files_.image(link.object);
    if (!asked.extras || !asked.extras->rpath) return {};
    SearchList& list = search_list(*asked.extras->rpath, token_values(process, index), link.origin);
    return find_in(list, name, How::rpath, link.object);
  };
  if (!extras || !extras->runpath) {
    // Up the chain of loaders; the program, and ld.so, have none.
    for (std::uint32_t index = requester;; index = process.maps[index].loader) {
      const Found found = find_in_rpath(index);
      if (ends_search(found)) return found;
      if (index == program_index || index == interpreter_index) break;
    }
  } else {
    const Loaded& link = process.maps[requester];
    SearchList& list = search_list(*extras->runpath, token_values(process, requester), link.origin);
    const Found found = find_in(list, name, How::runpath, link.object);
    if (ends_search(found)) return found;
  }
  if (!extras || !extras->no_default_lib) return find_default(name);
  return names_system_directory(cached_path(text)) ? Found{} : find_cached(text);
}

std::uint32_t GlibcLinker::map_object(Process& process, std::uint32_t requester, NameId name, Reason reason) {
  Resolution resolution{process.maps[requester].object, name, {}, {}, How::not_found};
  const std::optional<NameId> expanded = expand_name(process, requester, name);
  if (!expanded) {
    resolution.how = How::failed;
    process.mapping.fails = true;
    process.mapping.resolutions.push_back(resolution);
    return nothing;
  }
  const NameId asked = *expanded;
  std::uint32_t index = nothing;
  const Stamp named = slot(by_name_, asked.index());
  if (named.process == process_number_) {
    index = named.index;
    resolution.how = index == virtual_index       ? How::virtual_object
                     : index == interpreter_index ? How::interpreter
                                                  : How::loaded;
  } else {
    const Found found = search(process, requester, asked, reason);
    if (found.opening == Opening::fatal) {
      resolution.how = How::failed;
      process.mapping.fails = true;
    } else if (found.opening == Opening::object) {
      resolution.how = reason == Reason::preload ? How::preload : found.how;
      resolution.owner = found.owner;
      Stamp& filed = slot(by_file_, found.file.index());
      if (filed.process == process_number_) {
        index = filed.index;
      } else {
        index = static_cast<std::uint32_t>(process.maps.size());
        filed = {process_number_, index};
        Loaded loaded;
        loaded.object = found.object;
        loaded.file = found.file;
        loaded.loader = requester;
        loaded.origin = found.directory;
        process.maps.push_back(loaded);
        const NameId soname = files_.image(found.object).soname;
        if (soname.valid()) {
          Stamp& own = slot(by_name_, soname.index());
          if (own.process != process_number_) own = {process_number_, index};
        }
      }
      slot(by_name_, asked.index()) = {process_number_, index};
    }
  }
  if (index < process.maps.size()) resolution.provider = process.maps[index].object;
  if (reason == Reason::needed || index != nothing) process.mapping.resolutions.push_back(resolution);
  return index;
}

// One turn of _dl_map_object_deps' loop, for the entry at `place` of the list.
void GlibcLinker::map_dependencies(Process& process, std::size_t place) {
  const std::uint32_t requester = process.list[place].index;
  process.list[place].done = true;
  // Looking up a name can make new objects known: the image is asked for again each time.
  const ObjectId object = process.maps[requester].object;
  for (std::size_t next = 0; next < files_.image(object).needed.size(); ++next) {
    const NameId name = files_.image(object).needed[next];
    const std::uint32_t index = map_object(process, requester, name, Reason::needed);
    if (index >= process.maps.size() || std::exchange(process.maps[index].listed, true)) continue;
    process.list.push_back({index, name, requester});
  }
  const std::shared_ptr<const Extras> extras = files_.image(object).extras;
  if (!extras) return;
  // What is filtered for the requester comes before it in the list, and its own dependencies are next.
  const auto add_filtered = [&](NameId name) {
    const std::uint32_t index = map_object(process, requester, name, Reason::needed);
    if (index >= process.maps.size()) return;
    Process::Listed entry{index, name, requester};
    auto behind = process.list.begin() + static_cast<std::ptrdiff_t>(place) + 1;
    if (std::exchange(process.maps[index].listed, true)) {
      behind = std::find_if(behind, process.list.end(), [&](const auto& listed) { return listed.index == index; });
      if (behind == process.list.end()) return;
      entry = *behind;
      process.list.erase(behind);
    }
    process.list.insert(process.list.begin() + static_cast<std::ptrdiff_t>(place), entry);
    ++place;
  };
  for (const NameId name : extras->filter) add_filtered(name);
  for (const NameId name : extras->auxiliary) {
    // Mapped if found, no failure if not.
    const bool failed = process.mapping.fails;
    const std::size_t before = process.mapping.resolutions.size();
    add_filtered(name);
    process.mapping.fails = failed;
    if (!process.mapping.resolutions[before].provider.valid()) process.mapping.resolutions.resize(before);
  }
}

Mapping GlibcLinker::simulate(ObjectId program) {
  ++process_number_;
  Process process;
  const NameId interpreter_name = files_.image(program).interpreter;
  const bool is_program = interpreter_name.valid();
  if (!is_program && !files_.image(program).dynamic) return {};
  process.reserve();

  Loaded main;
  main.object = program;
  main.file = program;
  main.origin = home(program);
  main.listed = true;
  process.secure = files_.image(program).secure;
  process.maps.push_back(main);

  auto& names = files_.names();
  const auto stamp = [&](NameId name, std::uint32_t index) {
    if (name.valid()) slot(by_name_, name.index()) = {process_number_, index};
  };

  // The interpreter has its PT_INTERP text and its SONAME as names and, like the program, no file identity.
  const NameId interpreter_text = is_program ? interpreter_name : usual_interpreter_name();
  const Found interpreter = interpreter_text.valid() ? this->interpreter(interpreter_text) : Found{};
  Loaded loader;
  loader.object = interpreter.object;
  loader.file = interpreter.file;
  process.maps.push_back(loader);
  if (interpreter.opening == Opening::object) {
    stamp(files_.image(interpreter.object).soname, interpreter_index);
    stamp(interpreter_text, interpreter_index);
  } else if (is_program) {
    process.mapping.fails = true;
    process.mapping.resolutions.push_back({program, interpreter_name, {}, {}, How::not_found});
  }
  for (const NameId name : vdso_) stamp(name, virtual_index);
  // The program's own names last: its link map comes first.
  stamp(files_.image(program).soname, program_index);
  stamp(names.intern(""), program_index);

  process.list.push_back({program_index, {}, program_index});
  if (is_program) {
    for (const NameId name : configuration_.preload) {
      const bool failed = process.mapping.fails;
      const std::uint32_t index = map_object(process, program_index, name, Reason::preload);
      process.mapping.fails = failed;  // what cannot be preloaded is ignored
      if (index >= process.maps.size() || process.maps[index].listed) continue;
      process.maps[index].listed = true;
      process.list.push_back({index, name, program_index});
    }
  }
  for (std::size_t place = 0; place < process.list.size();) {
    if (!process.list[place].done) {
      map_dependencies(process, place);
    } else {
      ++place;
    }
  }
  if (is_program && interpreter.opening == Opening::object && !process.maps[interpreter_index].listed) {
    process.list.push_back({interpreter_index, interpreter_name, program_index});
    process.mapping.resolutions.push_back({program, interpreter_name, interpreter.object, {}, How::interpreter});
  }
  bool interpreter_seen = false;
  for (const auto& [index, name, requester, done] : process.list) {
    const auto& [object, file, loader_index, origin, listed] = process.maps[index];
    if (object == program || !object.valid()) continue;
    // The interpreter can be mapped twice, under another path: one file all the same.
    if (object == interpreter.object && std::exchange(interpreter_seen, true)) continue;
    process.mapping.objects.push_back({object, file, name, process.maps[requester].object});
  }
  return std::move(process.mapping);
}

}  // namespace revdep::loader
