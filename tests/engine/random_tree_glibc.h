// Random roots with a glibc: every situation of the loader's search that small ELF files can show, by chance and mixed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/parity_loader.h"

namespace revdep::random_tree {

struct Tree {
  std::vector<std::string> programs;  ///< paths inside the root, not always canonical
  std::vector<std::string> trees;     ///< top directories with all objects below them
  /// False: NEEDED.ELF.2 cannot say all that matters here (filters, DF_1_NODEFLIB, a program with a soname, ...).
  bool database_tells_all = true;
};

/// Fills the empty directory `root`. Runs ldconfig for some.
Tree make_glibc_tree(const std::filesystem::path& root, const parity::GlibcMachine& machine, std::uint32_t seed);

}  // namespace revdep::random_tree
