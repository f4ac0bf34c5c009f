// What a source (package database, filesystem) knows of the objects of a system, before any of it became a graph.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/tree.h"
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

/// Told of each record as it is found, so that its file can be read while the rest is listed.
using OnRecord = std::function<void(Record&)>;

struct Inventory {
  std::deque<std::string> texts;           ///< what the records point into
  std::vector<Record> records;             ///< sorted by path, each path once
  std::vector<vdb::PackageName> packages;  ///< by PackageId
  std::vector<base::Error> problems;
  std::size_t absent = 0;  ///< listed, but not on the disk
};

/// All objects of a package database: NEEDED.ELF.2, else NEEDED, else what CONTENTS lists; preserved libraries as well.
Inventory read_vdb_inventory(base::Tree& tree, const vdb::Database& database, const OnRecord& found);

/// The files of `directories` and, with everything below them, of `trees`. What is no ELF object is passed over.
Inventory read_filesystem_inventory(base::Tree& tree, const std::vector<std::string>& directories,
                                    const std::vector<std::string>& trees, const OnRecord& found);

/// Whether a file of this name may be an ELF object: false for names that only text, images and scripts have. Spares
/// opening every file of a package that has none.
bool may_be_object(std::string_view path);

}  // namespace revdep::engine
