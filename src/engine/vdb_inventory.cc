#include <algorithm>
#include <climits>
#include <utility>

#include "engine/records.h"
#include "vdb/contents.h"
#include "vdb/needed.h"
#include "vdb/preserved_libs.h"

namespace revdep::engine {
namespace {

using base::Error;
using base::FileKind;

// A parsed registry takes some forty times its text.
constexpr std::size_t registry_limit = std::size_t{4} << 20U;

class Reader {
 public:
  Reader(base::Tree& tree, const vdb::Database& database) : tree_(tree), database_(database) {}

  Inventory read() {
    inventory_.packages = database_.list(inventory_.problems);
    for (std::uint32_t index = 0; index < inventory_.packages.size(); ++index) read_package(base::PackageId{index});
    read_preserved();
    merge();
    return std::move(inventory_);
  }

 private:
  std::optional<std::string> read_file(const vdb::PackageName& package, std::string_view file) {
    auto text = database_.read(package, file);
    if (text) return std::move(*text);
    inventory_.problems.push_back(text.error());
    return std::nullopt;
  }

  void report(const vdb::PackageName& package, std::string_view file, const std::vector<vdb::LineProblem>& problems) {
    for (const vdb::LineProblem& problem : problems) {
      inventory_.problems.push_back({"use line " + std::to_string(problem.line) + " of",
                                     database_.path() + '/' + to_string(package) + '/' + std::string(file),
                                     problem.reason});
    }
  }

  void read_package(base::PackageId id) {
    const vdb::PackageName& package = inventory_.packages[id.index()];
    if (const auto text = read_file(package, "NEEDED.ELF.2")) {
      const vdb::NeededFile file = vdb::parse_needed_elf2(*text);
      report(package, "NEEDED.ELF.2", file.problems);
      for (const vdb::NeededLine& line : file.lines) add(id, line);
      return;
    }
    if (const auto text = read_file(package, "NEEDED")) {
      const vdb::NeededFile file = vdb::parse_needed(*text);
      report(package, "NEEDED", file.problems);
      for (const vdb::NeededLine& line : file.lines) add_path(id, line.path);
      return;
    }
    if (const auto text = read_file(package, "CONTENTS")) {
      const vdb::Contents contents = vdb::parse_contents(*text);
      report(package, "CONTENTS", contents.problems);
      for (const vdb::ContentsEntry& entry : contents.entries) {
        if (entry.type == vdb::EntryType::object && may_be_object(entry.path)) add_path(id, entry.path);
      }
    }
  }

  // The canonical path of a listed file; nullopt when it is not on the disk.
  std::optional<std::string> locate(std::string_view path) {
    if (path.size() >= PATH_MAX) return std::nullopt;
    const auto [directory, name] = base::split_path(path);
    const std::string* const canonical = tree_.resolve_directory(directory);
    if (canonical == nullptr) return std::nullopt;
    const FileKind kind = tree_.entry(*canonical, name).kind;
    if (kind == FileKind::regular) return base::join_path(*canonical, name);
    if (kind != FileKind::symlink) return std::nullopt;
    // Listed as a file, but a symlink now: what it leads to is the object.
    base::Tree::Resolved resolved = tree_.resolve(base::join_path(*canonical, name));
    if (resolved.kind != FileKind::regular) return std::nullopt;
    return std::move(resolved.path);
  }

  Record* append(base::PackageId package, std::string_view path) {
    std::optional<std::string> canonical = locate(path);
    if (!canonical) {
      ++inventory_.absent;
      return nullptr;
    }
    Record& record = inventory_.records.emplace_back();
    record.path = std::move(*canonical);
    record.package = package;
    return &record;
  }

  void add_path(base::PackageId package, std::string_view path) {
    if (Record* const record = append(package, path)) record->facts_needed = true;
  }

  void add(base::PackageId package, const vdb::NeededLine& line) {
    Record* const record = append(package, line.path);
    if (record == nullptr) return;
    record->arch = line.arch;
    record->category = line.category;
    record->soname = line.soname;
    record->rpath = line.rpath;
    record->facts_needed = line.suspicious;
    vdb::for_each_needed(line.needed, [&](std::string_view name) { record->needed.emplace_back(name); });
  }

  void read_preserved() {
    constexpr std::string_view path = "/var/lib/portage/preserved_libs_registry";
    if (tree_.resolve(path).kind == FileKind::missing) return;
    const auto text = tree_.read_file(path, registry_limit);
    if (!text) {
      inventory_.problems.push_back(text.error());
      return;
    }
    const auto registry = vdb::parse_preserved_libs(*text, tree_.prefix() + std::string(path), inventory_.problems);
    if (!registry) {
      inventory_.problems.push_back(registry.error());
      return;
    }
    for (const vdb::PreservedLibs& entry : *registry) {
      const auto package = std::find_if(inventory_.packages.begin(), inventory_.packages.end(),
                                        [&](const auto& name) { return to_string(name) == entry.package; });
      base::PackageId id;
      if (package != inventory_.packages.end()) {
        id = base::PackageId{static_cast<std::uint32_t>(package - inventory_.packages.begin())};
      }
      for (const std::string& library : entry.paths) add_path(id, library);
    }
  }

  // One record a path. Where two packages disagree (an upgrade was cut short), the file itself has to say.
  void merge() {
    auto& records = inventory_.records;
    std::stable_sort(records.begin(), records.end(), [](const Record& a, const Record& b) { return a.path < b.path; });
    std::size_t kept = 0;
    for (std::size_t next = 0; next < records.size(); ++next) {
      if (kept > 0 && records[kept - 1].path == records[next].path) {
        Record& first = records[kept - 1];
        const Record& second = records[next];
        if (!first.package.valid()) first.package = second.package;
        first.facts_needed = first.facts_needed || second.facts_needed || first.soname != second.soname ||
                             first.needed != second.needed || first.rpath != second.rpath;
        continue;
      }
      if (kept != next) records[kept] = std::move(records[next]);
      ++kept;
    }
    records.resize(kept);
  }

  base::Tree& tree_;
  const vdb::Database& database_;
  Inventory inventory_;
};

}  // namespace

bool may_be_object(std::string_view path) {
  // Sorted. Endings that no linker output has.
  static constexpr std::string_view endings[] = {
      "a",     "bz2",  "c",    "cc",   "cfg",  "cmake", "conf", "cpp", "css",  "desktop", "dts",  "dtsi", "ebuild", "el",
      "elc",   "gif",  "gz",   "h",    "hpp",  "htm",   "html", "ico", "ini",  "jar",     "jpg",  "js",   "json",   "la",
      "lua",   "m4",   "md",   "mo",   "ogg",  "otf",   "pc",   "pdf", "php",  "pl",      "pm",   "png",  "po",     "pod",
      "py",    "pyc",  "pyi",  "pyo",  "qml",  "rb",    "rst",  "sh",  "svg",  "svgz",    "tcl",  "tex",  "ttf",    "txt",
      "vim",   "wav",  "xml",  "xpm",  "xz",   "yaml",  "yml",  "zip", "zst"};
  const std::string_view name = base::split_path(path).second;
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return true;
  return !std::binary_search(std::begin(endings), std::end(endings), name.substr(dot + 1));
}

Inventory read_vdb_inventory(base::Tree& tree, const vdb::Database& database) { return Reader(tree, database).read(); }

}  // namespace revdep::engine
