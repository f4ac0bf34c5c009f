// How a closure came about: the tree of needed entries with where each led and why, and one chain through it. Takes the
// loader's answers as values; asks nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loader/linker.h"
#include "report/output.h"

namespace revdep::report {

/// One needed entry, in the order in which the loader looked it up.
struct TreeEntry {
  std::size_t depth = 0;  ///< 1: of the object itself
  std::string_view soname;
  std::string_view path;   ///< "": no object
  std::string_view owner;  ///< path of the object whose search path found it
  loader::How how = loader::How::not_found;
};

struct Tree {
  std::string_view path;
  std::string_view abi;
  std::vector<TreeEntry> entries;
};

/// "runpath of /usr/bin/x", "ld.so.cache", "already loaded", ...
std::string reason(loader::How how, std::string_view owner);

void write_tree_text(Output& output, const Tree& tree);
void write_tree_json(Output& output, const Tree& tree);

struct ChainLink {
  std::string_view soname;  ///< empty for the executable
  std::string_view path;
};

void write_chain_text(Output& output, const std::vector<ChainLink>& chain);
void write_chain_json(Output& output, const std::vector<ChainLink>& chain);

}  // namespace revdep::report
