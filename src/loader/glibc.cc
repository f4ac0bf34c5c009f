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
constexpr std::string_view vdso_names[] = {"linux-vdso.so.1", "linux-gate.so.1", "linux-vdso32.so.1", "linux-vdso64.so.1"};

bool has_slash(std::string_view name) { return name.find('/') != std::string_view::npos; }

template <class Stamps>
auto& slot(Stamps& stamps, std::size_t index) {
  if (stamps.size() <= index) stamps.resize(std::max(index + 1, stamps.size() * 2));
  return stamps[index];
}

}  // namespace

struct GlibcLinker::Process {
  std::deque<Loaded> maps;            // stable references while it grows
  struct Listed {
    std::uint32_t index;
    base::NameId name;
    std::uint32_t requester;
  };
  std::vector<Listed> list;  // dl-deps.c's breadth-first list
  Mapping mapping;
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

bool GlibcLinker::below_system_directory(const std::string& directory) const {
  return std::any_of(platform_.system_directories.begin(), platform_.system_directories.end(), [&](const auto& system) {
    const std::string* const canonical = files_.directory(system);
    return canonical != nullptr && (directory + '/').starts_with(*canonical + '/');
  });
}

bool GlibcLinker::depends_on_context(const Image& image) const {
  if (!image.extras) return false;
  const Extras& extras = *image.extras;
  return (extras.rpath && !extras.rpath->empty()) || !extras.auxiliary.empty() || !extras.filter.empty() ||
         extras.no_default_lib;
}

void GlibcLinker::expand(Loaded& loaded) const {
  loaded.expanded = true;
  const Image& image = files_.image(loaded.object);
  if (!image.extras) return;
  const TokenValues values{loaded.origin != nullptr ? std::string_view(*loaded.origin) : std::string_view(), &platform_,
                           loaded.restricted};
  if (image.extras->rpath) loaded.rpath = split_search_path(*image.extras->rpath, values);
  if (image.extras->runpath) loaded.runpath = split_search_path(*image.extras->runpath, values);
}

Found GlibcLinker::find_static(ObjectId requester, NameId name) {
  const Image& image = files_.image(requester);
  if (!image.extras && !is_path(name)) return find_default(name);
  Process process;
  Loaded self;
  self.object = requester;
  self.origin = home(requester);
  process.maps.push_back(std::move(self));
  return search(process, program_index, name, Preload::no);
}

// _dl_map_object's search, once no loaded map has the name.
Found GlibcLinker::search(Process& process, std::uint32_t requester, NameId name, Preload preload) {
  Loaded& asking = process.maps[requester];
  // Shared, as a look-up can make new objects known and move the images.
  const std::shared_ptr<const Extras> extras = files_.image(asking.object).extras;
  const std::string_view text = files_.names().view(name);
  if (has_slash(text)) {
    const TokenValues values{asking.origin != nullptr ? std::string_view(*asking.origin) : std::string_view(), &platform_,
                             asking.restricted};
    const std::optional<std::string> path = expand_tokens(text, values);
    return path ? find_path(*path) : Found{};
  }
  const auto find_in_rpath = [&](std::uint32_t index) -> Found {
    Loaded& link = process.maps[index];
    const Image& asked = files_.image(link.object);
    if (!asked.extras || !asked.extras->rpath) return {};
    if (!link.expanded) expand(link);
    return find_in(link.rpath, text, How::rpath, link.object);
  };
  if (!extras || !extras->runpath) {
    // Up the chain of loaders; the program, and ld.so, have none.
    for (std::uint32_t index = requester;; index = process.maps[index].loader) {
      const Found found = find_in_rpath(index);
      if (found.opening != Opening::absent) return found;
      if (index == program_index || index == interpreter_index) break;
    }
  } else {
    if (!asking.expanded) expand(asking);
    const Found found = find_in(asking.runpath, text, How::runpath, asking.object);
    if (found.opening != Opening::absent) return found;
  }
  const bool no_default = extras && extras->no_default_lib;
  const bool secure_preload = preload == Preload::yes && process.maps[program_index].restricted;
  if (!no_default && !secure_preload) return find_default(name);
  if (!secure_preload) {
    const Found found = find_cached(text);
    if (found.opening == Opening::absent || !below_system_directory(*found.directory)) return found;
  }
  // A secure process preloads from the default directories only what is set-user-id, which no library is.
  return {};
}

std::uint32_t GlibcLinker::map_object(Process& process, std::uint32_t requester, NameId name, Preload preload) {
  Resolution resolution{process.maps[requester].object, name, {}, {}, How::not_found};
  std::uint32_t index = nothing;
  Stamp& named = slot(by_name_, name.index());
  if (named.process == process_number_) {
    index = named.index;
    resolution.how = index == virtual_index       ? How::virtual_object
                     : index == interpreter_index ? How::interpreter
                                                  : How::loaded;
  } else {
    const Found found = search(process, requester, name, preload);
    if (found.opening == Opening::fatal) {
      resolution.how = How::failed;
      process.mapping.fails = true;
    } else if (found.opening == Opening::object) {
      resolution.how = preload == Preload::yes ? How::preload : found.how;
      resolution.owner = found.owner;
      Stamp& filed = slot(by_file_, found.file.index());
      if (filed.process == process_number_) {
        index = filed.index;
      } else {
        index = static_cast<std::uint32_t>(process.maps.size());
        filed = {process_number_, index};
        Loaded loaded;
        loaded.object = found.object;
        loaded.loader = requester;
        loaded.origin = found.directory;
        process.maps.push_back(std::move(loaded));
        const NameId soname = files_.image(found.object).soname;
        if (soname.valid()) {
          Stamp& own = slot(by_name_, soname.index());
          if (own.process != process_number_) own = {process_number_, index};
        }
      }
      // slot() above may have moved the stamps.
      by_name_[name.index()] = {process_number_, index};
    }
  }
  if (index < process.maps.size()) resolution.provider = process.maps[index].object;
  if (preload == Preload::no || index != nothing) process.mapping.resolutions.push_back(resolution);
  return index;
}

void GlibcLinker::map_dependencies(Process& process, std::uint32_t requester) {
  const auto add = [&](NameId name) {
    const std::uint32_t index = map_object(process, requester, name, Preload::no);
    if (index >= process.maps.size() || process.maps[index].listed) return;
    process.maps[index].listed = true;
    process.list.push_back({index, name, requester});
  };
  // Looking up a name can make new objects known: the image is asked for again each time.
  const ObjectId object = process.maps[requester].object;
  for (std::size_t next = 0; next < files_.image(object).needed.size(); ++next) add(files_.image(object).needed[next]);
  const std::shared_ptr<const Extras> extras = files_.image(object).extras;
  if (!extras) return;
  for (const NameId name : extras->filter) add(name);
  for (const NameId name : extras->auxiliary) {
    // Mapped if found, no failure if not.
    const bool failed = process.mapping.fails;
    const std::size_t before = process.mapping.resolutions.size();
    add(name);
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

  Loaded main;
  main.object = program;
  main.origin = home(program);
  main.listed = true;
  main.restricted = files_.image(program).secure;
  process.maps.push_back(std::move(main));

  auto& names = files_.names();
  const auto stamp = [&](NameId name, std::uint32_t index) {
    if (name.valid()) slot(by_name_, name.index()) = {process_number_, index};
  };

  // The interpreter has its PT_INTERP text and its SONAME as names and, like the program, no file identity.
  const std::string interpreter_text(is_program ? names.view(interpreter_name)
                                                : std::string_view(platform_.interpreter));
  Found interpreter;
  if (!interpreter_text.empty()) interpreter = find_path(interpreter_text);
  Loaded loader;
  loader.object = interpreter.object;
  process.maps.push_back(std::move(loader));
  if (interpreter.opening == Opening::object) {
    stamp(files_.image(interpreter.object).soname, interpreter_index);
    stamp(names.intern(interpreter_text), interpreter_index);
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
      const std::uint32_t index = map_object(process, program_index, name, Preload::yes);
      process.mapping.fails = failed;  // what cannot be preloaded is ignored
      if (index >= process.maps.size() || process.maps[index].listed) continue;
      process.maps[index].listed = true;
      process.list.push_back({index, name, program_index});
    }
  }
  for (std::size_t next = 0; next < process.list.size(); ++next) map_dependencies(process, process.list[next].index);
  if (is_program && interpreter.opening == Opening::object && !process.maps[interpreter_index].listed) {
    process.list.push_back({interpreter_index, interpreter_name, program_index});
    process.mapping.resolutions.push_back({program, interpreter_name, interpreter.object, {}, How::interpreter});
  }
  bool interpreter_seen = false;
  for (const auto& [index, name, requester] : process.list) {
    const ObjectId object = process.maps[index].object;
    if (object == program || !object.valid()) continue;
    // The interpreter can be mapped twice, under another path: one file all the same.
    if (object == interpreter.object && std::exchange(interpreter_seen, true)) continue;
    process.mapping.objects.push_back({object, name, process.maps[requester].object});
  }
  return std::move(process.mapping);
}

}  // namespace revdep::loader
