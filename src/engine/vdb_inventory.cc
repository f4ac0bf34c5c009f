#include <algorithm>
#include <array>
#include <climits>
#include <cstdint>
#include <utility>

#include "engine/read_ahead.h"
#include "engine/records.h"
#include "vdb/contents.h"
#include "vdb/needed.h"
#include "vdb/preserved_libs.h"

namespace revdep::engine {
namespace {

using base::FileKind;

// A parsed registry takes some forty times its text.
constexpr std::size_t registry_limit = std::size_t{4} << 20U;

// A guess: of a desktop.
constexpr std::size_t usual_records = 8192;

/// A file of a package; nullopt: there is none.
using Text = base::Result<std::optional<std::string>>;

class Reader {
 public:
  Reader(base::Tree& tree, const vdb::Database& database, const OnRecord& found)
      : tree_(tree), database_(database), found_(found) {}

  Inventory read(SecondReader& reader) {
    inventory_.records.reserve(usual_records);
    inventory_.packages = database_.list(inventory_.problems);
    ReadAhead<std::size_t, Text> texts(reader, Urgency::database, [this](std::size_t index) {
      return database_.read(inventory_.packages[index], "NEEDED.ELF.2");
    });
    for (std::size_t index = 0; index < inventory_.packages.size(); ++index) texts.ask(index);
    for (std::uint32_t index = 0; index < inventory_.packages.size(); ++index) {
      read_package(base::PackageId{index}, texts.take(index));
    }
    read_preserved();
    inventory_.records.insert(inventory_.records.end(), inventory_.preserved.begin(), inventory_.preserved.end());
    return std::move(inventory_);
  }

  Inventory read_some(std::vector<vdb::PackageName> packages, const std::vector<base::PackageId>& wanted) {
    inventory_.packages = std::move(packages);
    for (const base::PackageId id : wanted) {
      read_package(id, database_.read(inventory_.packages[id.index()], "NEEDED.ELF.2"));
    }
    read_preserved();
    return std::move(inventory_);
  }

 private:
  // One message a package: what keeps one of its files from being read often keeps all.
  std::optional<std::string> accept(Text text) {
    if (text) return std::move(*text);
    if (!std::exchange(read_problem_reported_, true)) inventory_.problems.push_back(text.error());
    return std::nullopt;
  }

  // One message for a run of lines: a newline in a name makes two bad lines, a broken file makes thousands.
  void report(const vdb::PackageName& package, std::string_view file, std::vector<vdb::LineProblem> problems) {
    std::sort(problems.begin(), problems.end(), [](const auto& a, const auto& b) { return a.line < b.line; });
    for (std::size_t next = 0; next < problems.size();) {
      const vdb::LineProblem& first = problems[next];
      std::size_t last = first.line;
      while (++next < problems.size() && problems[next].line == last + 1) ++last;
      const std::string lines = last == first.line
                                    ? "line " + std::to_string(first.line)
                                    : "lines " + std::to_string(first.line) + " to " + std::to_string(last);
      inventory_.problems.push_back({"use " + lines + " of",
                                     database_.path() + '/' + to_string(package) + '/' + std::string(file),
                                     first.reason});
    }
  }

  // Lines that are kept although they are damaged: their objects are read, so that nothing is missing.
  static void add_damaged_lines(std::string_view text, vdb::NeededFile& file) {
    const auto is_cut = [text](std::size_t line) {
      const auto newlines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
      return !text.ends_with('\n') && line == newlines + 1;
    };
    for (const vdb::NeededLine& line : file.lines) {
      if (!line.suspicious) continue;
      const bool has_nul = std::any_of(fields.begin(), fields.end(), [&](const auto field) {
        return (line.*field).find('\0') != std::string_view::npos;
      });
      if (has_nul) {
        file.problems.push_back({line.line, "NUL byte; the object itself is read"});
      } else if (is_cut(line.line)) {
        file.problems.push_back({line.line, "cut short; the object itself is read"});
      }
    }
  }

  void read_package(base::PackageId id, Text needed_elf2) {
    const vdb::PackageName& package = inventory_.packages[id.index()];
    read_problem_reported_ = false;
    if (auto accepted = accept(std::move(needed_elf2))) {
      const std::string& text = inventory_.texts.emplace_back(std::move(*accepted));
      vdb::NeededFile file = vdb::parse_needed_elf2(text);
      add_damaged_lines(text, file);
      report(package, "NEEDED.ELF.2", std::move(file.problems));
      for (const vdb::NeededLine& line : file.lines) add(id, line);
      return;
    }
    if (const auto text = accept(database_.read(package, "NEEDED"))) {
      vdb::NeededFile file = vdb::parse_needed(*text);
      add_damaged_lines(*text, file);
      report(package, "NEEDED", std::move(file.problems));
      for (const vdb::NeededLine& line : file.lines) add_path(id, line.path);
      return;
    }
    if (const auto text = accept(database_.read(package, "CONTENTS"))) {
      vdb::Contents contents = vdb::parse_contents(*text);
      report(package, "CONTENTS", std::move(contents.problems));
      for (const vdb::ContentsEntry& entry : contents.entries) {
        if (entry.type == vdb::EntryType::object && may_be_object(entry.path)) add_path(id, entry.path);
      }
    }
  }

  // Compilers' output and kernel modules: nothing loads or runs them. One that links to nothing has no edge either, so a
  // name is enough; a kernel's worth of them need not be opened.
  static bool is_relocatable(const vdb::NeededLine& line) {
    return line.soname.empty() && line.needed.empty() && !line.suspicious &&
           (line.path.ends_with(".o") || line.path.ends_with(".ko"));
  }

  struct Place {
    std::string path;  // canonical
    bool by_link = false;
  };

  // Where a listed file is; nullopt when it is not on the disk.
  std::optional<Place> locate(std::string_view path) {
    if (path.size() >= PATH_MAX) return std::nullopt;
    const auto [directory, name] = base::split_path(path);
    // Neighbours in a list are neighbours on the disk.
    if (directory != last_directory_) {
      last_directory_ = directory;
      last_canonical_ = tree_.resolve_directory(directory);
    }
    const std::string* const canonical = last_canonical_;
    if (canonical == nullptr) return std::nullopt;
    const FileKind kind = tree_.entry(*canonical, name).kind;
    if (kind == FileKind::regular) return Place{base::join_path(*canonical, name), false};
    if (kind != FileKind::symlink) return std::nullopt;
    // Listed as a file, but a symlink now: what it leads to is the object.
    base::Tree::Resolved resolved = tree_.resolve(*canonical, name, nullptr);
    if (resolved.kind != FileKind::regular) return std::nullopt;
    return Place{std::move(resolved.path), true};
  }

  Record* append(base::PackageId package, std::string_view path) {
    std::optional<Place> place = locate(path);
    if (!place || place->by_link) inventory_.incomplete.insert(package);
    if (!place) return nullptr;
    Record& record = inventory_.records.emplace_back();
    record.path = std::move(place->path);
    record.package = package;
    return &record;
  }

  void add_path(base::PackageId package, std::string_view path) {
    Record* const record = append(package, path);
    if (record == nullptr) return;
    record->facts_needed = true;
    found_(*record);
  }

  void add(base::PackageId package, const vdb::NeededLine& line) {
    if (is_relocatable(line)) return;
    Record* const record = append(package, line.path);
    if (record == nullptr) return;
    record->arch = line.arch;
    record->category = line.category;
    record->soname = line.soname;
    record->rpath = line.rpath;
    record->facts_needed = line.suspicious;
    record->needed = line.needed;
    found_(*record);
  }

  void read_preserved() {
    constexpr std::string_view path = preserved_libs_path;
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
      for (const std::string& library : entry.paths) {
        if (std::optional<Place> place = locate(library)) {
          Record& record = inventory_.preserved.emplace_back();
          record.path = std::move(place->path);
          record.package = id;
          record.facts_needed = true;
          found_(record);
        }
      }
    }
  }

  static constexpr std::array fields = {&vdb::NeededLine::arch, &vdb::NeededLine::soname, &vdb::NeededLine::rpath,
                                        &vdb::NeededLine::needed, &vdb::NeededLine::category};

  base::Tree& tree_;
  const vdb::Database& database_;
  const OnRecord& found_;
  Inventory inventory_;
  bool read_problem_reported_ = false;  // of the package at hand
  std::string last_directory_;
  const std::string* last_canonical_ = nullptr;
};

}  // namespace

bool may_be_object(std::string_view path) {
  // Sorted. Endings that no linker output has.
  static constexpr std::string_view endings[] = {
      "a",    "bz2", "c",   "cc",  "cfg", "cmake", "conf", "cpp",  "css", "desktop", "dts", "dtsi", "ebuild",
      "el",   "elc", "gif", "gz",  "h",   "hpp",   "htm",  "html", "ico", "ini",     "jar", "jpg",  "js",
      "json", "la",  "lua", "m4",  "md",  "mo",    "ogg",  "otf",  "pc",  "pdf",     "php", "pl",   "pm",
      "png",  "po",  "pod", "py",  "pyc", "pyi",   "pyo",  "qml",  "rb",  "rst",     "sh",  "svg",  "svgz",
      "tcl",  "tex", "ttf", "txt", "vim", "wav",   "xml",  "xpm",  "xz",  "yaml",    "yml", "zip",  "zst"};
  const std::string_view name = base::split_path(path).second;
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return true;
  return !std::binary_search(std::begin(endings), std::end(endings), name.substr(dot + 1));
}

void merge_records(std::vector<Record>& records, SharedPaths& shared) {
  std::vector<Record> listed = std::exchange(records, {});
  std::vector<std::pair<std::string_view, std::size_t>> order;
  order.reserve(listed.size());
  for (std::size_t index = 0; index < listed.size(); ++index) order.emplace_back(listed[index].path, index);
  std::sort(order.begin(), order.end());
  records.reserve(listed.size());
  for (const auto& [path, index] : order) {
    Record& next = listed[index];
    if (records.empty() || records.back().path != next.path) {
      records.push_back(std::move(next));
      continue;
    }
    Record& first = records.back();
    shared[first.path].insert({first.package, next.package});
    if (!first.package.valid()) first.package = next.package;
    first.facts_needed = first.facts_needed || next.facts_needed || first.soname != next.soname ||
                         first.needed != next.needed || first.rpath != next.rpath;
  }
}

bool is_loader_name(std::string_view soname) {
  return soname.starts_with("ld-linux") || soname.starts_with("ld.so") || soname.starts_with("ld64.so");
}

std::vector<std::pair<std::string, base::PackageId>> list_preserved(const Inventory& inventory) {
  std::vector<std::pair<std::string, base::PackageId>> list;
  list.reserve(inventory.preserved.size());
  for (const Record& record : inventory.preserved) list.emplace_back(record.path, record.package);
  std::sort(list.begin(), list.end());
  return list;
}

Inventory read_vdb_inventory(base::Tree& tree, const vdb::Database& database, SecondReader& reader,
                             const OnRecord& found) {
  Inventory inventory = Reader(tree, database, found).read(reader);
  merge_records(inventory.records, inventory.shared);
  return inventory;
}

Inventory read_vdb_packages(base::Tree& tree, const vdb::Database& database, std::vector<vdb::PackageName> packages,
                            const std::vector<base::PackageId>& wanted) {
  return Reader(tree, database, [](Record&) {}).read_some(std::move(packages), wanted);
}

}  // namespace revdep::engine
