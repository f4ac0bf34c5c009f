#include "loader/musl.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/tree.h"

namespace revdep::loader {
namespace {

using base::NameId;
using base::ObjectId;

// Names that mean the loader itself, whatever version follows: "libc.so", "libpthread.so.0", ...
bool is_reserved(std::string_view name) {
  constexpr std::array<std::string_view, 7> reserved = {"c.", "pthread.", "rt.", "m.", "dl.", "util.", "xnet."};
  if (!name.starts_with("lib")) return false;
  name.remove_prefix(3);
  return std::any_of(reserved.begin(), reserved.end(), [&](std::string_view stem) { return name.starts_with(stem); });
}

std::string_view raw_path(const Image& image) {
  // DT_RUNPATH overwrites DT_RPATH in decode_dyn; both are inherited.
  if (!image.extras) return {};
  if (image.extras->runpath) return *image.extras->runpath;
  return image.extras->rpath ? std::string_view(*image.extras->rpath) : std::string_view();
}

}  // namespace

MuslLinker::MuslLinker(Files& files, elf::Abi abi, Platform platform, const Configuration& configuration)
    : Linker(files, abi, std::move(platform), configuration, Opening::fatal) {
  default_directories_ = platform_.system_directories;
}

Found MuslLinker::search_default(std::string_view name) {
  return find_in(default_directories_, name, How::directory, {});
}

bool MuslLinker::depends_on_context(const Image& image) const { return !raw_path(image).empty(); }

std::vector<std::string> MuslLinker::search_path(std::string_view raw, const Loaded& loaded) {
  std::vector<std::string> directories;
  // fixup_rpath: any other token voids the whole path, and a secure program's $ORIGIN as well.
  for (std::size_t at = raw.find('$'); at != std::string_view::npos; at = raw.find('$', at + 1)) {
    const std::string_view token = raw.substr(at);
    if (loaded.restricted || !(token.starts_with("$ORIGIN") || token.starts_with("${ORIGIN}"))) return directories;
  }
  std::string expanded;
  for (std::size_t at = 0; at < raw.size();) {
    if (raw[at] != '$') {
      expanded += raw[at++];
      continue;
    }
    if (loaded.origin != nullptr && *loaded.origin != "/") expanded += *loaded.origin;
    at += raw.substr(at).starts_with("${") ? std::string_view("${ORIGIN}").size() : std::string_view("$ORIGIN").size();
  }
  // path_open: elements are separated by ':' and newlines; empty ones are skipped.
  for (std::size_t at = 0; at < expanded.size();) {
    const std::size_t end = std::min(expanded.find_first_of(":\n", at), expanded.size());
    if (end > at) directories.push_back(expanded.substr(at, end - at));
    at = end + 1;
  }
  return directories;
}

Linker::SearchList& MuslLinker::search_list(const Loaded& loaded) {
  const std::string_view raw = raw_path(files_.image(loaded.object));
  const auto [list, is_new] =
      search_lists_.try_emplace(std::make_tuple(std::string(raw), loaded.origin, loaded.restricted));
  if (is_new) list->second.directories = search_path(raw, loaded);
  return list->second;
}

void MuslLinker::forget() {
  Linker::forget();
  search_lists_.clear();
}

Found MuslLinker::search(const std::deque<Loaded>& loaded, std::uint32_t requester, NameId name) {
  if (spelling(name).slash) return find_path(files_.names().view(name));
  std::uint32_t index = requester;
  while (true) {
    const Loaded& asked = loaded[index];
    const Found found = find_in(search_list(asked), name, How::runpath, asked.object);
    if (found.opening != Opening::absent) return found;
    if (index == 0) break;
    index = asked.needed_by;
  }
  return find_default(name);
}

Found MuslLinker::find_static(ObjectId requester, NameId name) {
  const std::string_view text = files_.names().view(name);
  if (is_reserved(text) || text == platform_.interpreter) {
    Found found = find_path(platform_.interpreter);
    found.how = How::interpreter;
    return found;
  }
  if (text.find('/') == std::string_view::npos && !files_.image(requester).extras) return find_default(name);
  std::deque<Loaded> self(1);
  self.front().object = requester;
  self.front().origin = home(requester);
  self.front().restricted = files_.image(requester).secure;
  return search(self, 0, name);
}

Mapping MuslLinker::simulate(ObjectId program) {
  Mapping mapping;
  const NameId interpreter_name = files_.image(program).interpreter;
  if (!interpreter_name.valid() && !files_.image(program).dynamic) return mapping;
  const std::string interpreter_text(interpreter_name.valid() ? files_.names().view(interpreter_name)
                                                              : std::string_view(platform_.interpreter));
  const NameId asked = interpreter_name.valid() ? interpreter_name : usual_interpreter_name();
  const Found interpreter = asked.valid() ? this->interpreter(asked) : Found{};
  if (interpreter_name.valid() && interpreter.opening != Opening::object) {
    mapping.fails = true;
    mapping.resolutions.push_back({program, interpreter_name, {}, {}, How::not_found});
  }

  std::deque<Loaded> loaded(1);
  loaded.front().object = program;
  loaded.front().file = program;
  loaded.front().origin = home(program);
  loaded.front().restricted = files_.image(program).secure;
  bool interpreter_listed = false;
  const auto add_interpreter = [&](NameId name, ObjectId requester) {
    if (interpreter_listed || interpreter.opening != Opening::object) return;
    interpreter_listed = true;
    mapping.objects.push_back({interpreter.object, interpreter.file, name, requester});
  };

  const auto load = [&](std::uint32_t requester, NameId name) {
    const std::string_view text = files_.names().view(name);
    Resolution resolution{loaded[requester].object, name, {}, {}, How::not_found};
    const auto known =
        std::find_if(loaded.begin() + 1, loaded.end(), [&](const Loaded& other) { return other.short_name == name; });
    if (is_reserved(text) || text == interpreter_text) {
      resolution.provider = interpreter.object;
      resolution.how = interpreter.opening == Opening::object ? How::interpreter : How::not_found;
      add_interpreter(name, resolution.requester);
    } else if (known != loaded.end()) {
      resolution.provider = known->object;
      resolution.how = How::loaded;
    } else if (const Found found = search(loaded, requester, name); found.opening == Opening::object) {
      resolution.provider = found.object;
      resolution.how = found.how;
      resolution.owner = found.owner;
      const bool by_search = files_.names().view(name).find('/') == std::string_view::npos;
      const auto same =
          std::find_if(loaded.begin(), loaded.end(), [&](const Loaded& other) { return other.file == found.file; });
      if (interpreter.opening == Opening::object && found.object == interpreter.object) {
        add_interpreter(name, resolution.requester);
      } else if (same == loaded.end()) {
        const NameId last_part = by_search ? name : files_.names().intern(base::split_path(text).second);
        loaded.push_back(
            {found.object, found.file, requester, found.directory, by_search ? name : NameId{}, last_part});
        mapping.objects.push_back({found.object, found.file, name, resolution.requester});
      } else {
        resolution.provider = same->object;
        // Its name is then the one that it was first opened by.
        if (!same->short_name.valid() && by_search) same->short_name = same->opened_as;
      }
    } else if (found.opening == Opening::fatal) {
      resolution.how = How::failed;
      mapping.fails = true;
    }
    mapping.resolutions.push_back(resolution);
  };

  for (std::uint32_t next = 0; next < loaded.size(); ++next) {
    const ObjectId object = loaded[next].object;
    for (std::size_t index = 0; index < files_.image(object).needed.size(); ++index) {
      load(next, files_.image(object).needed[index]);
    }
  }
  if (interpreter_name.valid() && !interpreter_listed && interpreter.opening == Opening::object) {
    mapping.resolutions.push_back({program, interpreter_name, interpreter.object, {}, How::interpreter});
    add_interpreter(interpreter_name, program);
  }
  return mapping;
}

}  // namespace revdep::loader
