#include "structure/layering.h"

#include <algorithm>
#include <array>
#include <optional>

namespace revdep::structure {
namespace {

constexpr std::size_t line_limit = 400;

struct Module {
  std::string_view name;
  std::vector<std::string_view> may_include;
};

// The design's table of modules.
const std::vector<Module>& modules() {
  static const std::vector<Module> table = {
      {"base", {}},
      {"pax", {"base"}},
      {"elf", {"base", "pax"}},
      {"vdb", {"base"}},
      {"loader", {"base", "elf"}},
      {"graph", {"base", "elf", "loader"}},
      {"migrate", {"base", "pax", "elf", "graph"}},
      {"audit", {"base", "pax", "elf", "loader", "graph", "migrate"}},
      {"watch", {"base", "vdb"}},
      {"config", {"base", "pax"}},
      {"report", {"base", "pax", "vdb", "loader", "graph", "migrate", "audit"}},
      {"engine", {"base", "pax", "elf", "vdb", "loader", "graph", "migrate", "audit", "watch", "config", "report"}},
  };
  return table;
}

const Module* find_module(std::string_view name) {
  const auto found = std::ranges::find(modules(), name, &Module::name);
  return found == modules().end() ? nullptr : &*found;
}

// "elf" of "src/elf/facts.cc"; "" of a file that is in no module's folder; nullopt outside src/.
std::optional<std::string_view> module_of(std::string_view path) {
  constexpr std::string_view top = "src/";
  if (!path.starts_with(top)) return std::nullopt;
  path.remove_prefix(top.size());
  const std::size_t slash = path.find('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

bool is_source(std::string_view path) { return path.ends_with(".h") || path.ends_with(".cc"); }

bool is_libelf(std::string_view header) {
  constexpr std::array<std::string_view, 4> names = {"libelf.h", "gelf.h", "nlist.h", "libdw.h"};
  return std::ranges::find(names, header) != names.end() || header.starts_with("libelf/") ||
         header.starts_with("elfutils/");
}

// What is wrong with `#include "header"` in a file of `module`; "" when nothing is.
std::string check_module_include(std::string_view module, std::string_view header) {
  const std::string folder(header.substr(0, std::min(header.find('/'), header.size())));
  if (folder == header) return "names no module";
  const Module* const included = find_module(folder);
  if (included == nullptr) return "'" + folder + "' is no module";
  const Module* const own = find_module(module);
  if (own == nullptr || own == included) return "";
  if (std::ranges::find(own->may_include, folder) != own->may_include.end()) return "";
  return "'" + std::string(module) + "' may not include '" + folder + "'";
}

struct Include {
  bool quoted = false;
  std::string header;
};

// The include directive of one line; nullopt: the line is none.
std::optional<Include> parse_include(std::string_view line) {
  const auto skip_blanks = [&line] { line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size())); };
  const auto skip = [&line, &skip_blanks](std::string_view token) {
    skip_blanks();
    if (!line.starts_with(token)) return false;
    line.remove_prefix(token.size());
    return true;
  };
  if (!skip("#") || !skip("include")) return std::nullopt;
  const bool quoted = skip("\"");
  if (!quoted && !skip("<")) return std::nullopt;
  const std::size_t end = line.find(quoted ? '"' : '>');
  if (end == std::string_view::npos) return std::nullopt;
  return Include{quoted, std::string(line.substr(0, end))};
}

}  // namespace

std::vector<std::string> check_file(std::string_view path, std::string_view text) {
  std::vector<std::string> complaints;
  const auto complain = [&](std::size_t line, const std::string& what) {
    complaints.push_back(std::string(path) + ":" + std::to_string(line) + ": " + what);
  };

  const std::optional<std::string_view> module = module_of(path);
  if (module && is_source(path) && find_module(*module) == nullptr) complain(1, "is in no module's folder");

  std::size_t line = 0;
  while (!text.empty()) {
    ++line;
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::optional<Include> include = parse_include(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!is_source(path) || !include) continue;
    if (is_libelf(include->header) && module != "elf") complain(line, "<" + include->header + "> is for src/elf only");
    if (!module || !include->quoted) continue;
    const std::string wrong = check_module_include(*module, include->header);
    if (!wrong.empty()) complain(line, "\"" + include->header + "\": " + wrong);
  }
  if (line > line_limit) complain(line, "longer than " + std::to_string(line_limit) + " lines");
  return complaints;
}

}  // namespace revdep::structure
