// What a source (package database, filesystem) knows of the objects of a system, before any of it became a graph.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/tree.h"
#include "engine/second_reader.h"
#include "vdb/database.h"

namespace revdep::engine {

/// One object as its source describes it. With `facts_needed` only path and package count; the ELF file says the rest.
struct Record {
  std::string path;  ///< canonical
  base::PackageId package;
  // Into Inventory::texts.
  std::string_view arch;
  std::string_view category;
  std::string_view soname;  ///< "": the source calls it a program
  std::string_view rpath;   ///< raw, DT_RPATH or DT_RUNPATH
  std::string_view needed;  ///< comma-separated
  bool facts_needed = false;
  std::optional<std::size_t> facts_asked;    ///< index of its facts, when they are being read already
  std::optional<std::size_t> marking_asked;  ///< the same for its marking
};

/// Whether it is the name of a dynamic loader of glibc's.
bool is_loader_name(std::string_view soname);

/// Told of each record as it is found, so that its file can be read while the rest is listed.
using OnRecord = std::function<void(Record&)>;

inline constexpr std::string_view preserved_libs_path = "/var/lib/portage/preserved_libs_registry";

using SharedPaths = std::map<std::string, std::set<base::PackageId>>;

struct Inventory {
  std::deque<std::string> texts;           ///< what the records point into
  std::vector<Record> records;             ///< sorted by path, each path once
  std::vector<Record> preserved;           ///< of them, what the registry of preserved libraries says
  SharedPaths shared;                      ///< paths that several packages list
  std::vector<vdb::PackageName> packages;  ///< by PackageId
  std::vector<base::Error> problems;
  std::set<base::PackageId> incomplete;  ///< packages that list as files what are none, or not there
};

/// All objects of a package database: NEEDED.ELF.2, else NEEDED, else what CONTENTS lists; preserved libraries as well.
Inventory read_vdb_inventory(base::Tree& tree, const vdb::Database& database, SecondReader& reader,
                             const OnRecord& found);

/// The records of some packages only, beside all of `preserved`; `packages` are all by PackageId, and come back. Not merged.
Inventory read_vdb_packages(base::Tree& tree, const vdb::Database& database, std::vector<vdb::PackageName> packages,
                            const std::vector<base::PackageId>& wanted);

/// Sorts by path and makes one record a path, which is added to `shared` if several packages list it. Where two packages
/// disagree (an upgrade was cut short), or the registry has a file, the file itself has to say.
void merge_records(std::vector<Record>& records, SharedPaths& shared);

/// Path and package of all that is preserved, sorted.
std::vector<std::pair<std::string, base::PackageId>> list_preserved(const Inventory& inventory);

/// The files of `directories` and, with everything below them, of `trees`. What is no ELF object is passed over.
Inventory read_filesystem_inventory(base::Tree& tree, const std::vector<std::string>& directories,
                                    const std::vector<std::string>& trees, const OnRecord& found);

/// Whether a file of this name may be an ELF object: false for names that only text, images and scripts have. Spares
/// opening every file of a package that has none.
bool may_be_object(std::string_view path);

}  // namespace revdep::engine
