// The directories of a random root with a glibc, and the loader in it; no library yet.
#pragma once

#include <string>
#include <vector>

#include "elf/abi.h"
#include "engine/parity_loader.h"
#include "engine/random_tree_dice.h"
#include "engine/random_tree_files.h"

namespace revdep::random_tree {

struct Layout {
  std::vector<std::string> system;  ///< that the loader has compiled in, existing or not
  std::vector<std::string> conf;    ///< that ld.so.conf may name
  std::vector<std::string> own;     ///< that only search paths name
  std::vector<std::string> linked;  ///< symlinks to some of them
  std::vector<std::string> odd;     ///< loops, dangling links, files, nothing
  std::vector<std::string>
      places;  ///< where libraries may lie: all of the former but the odd ones, and hwcaps directories
  std::vector<std::string> interpreters;  ///< that programs may name, the usual one first
  std::vector<std::string> loader_paths;  ///< every path of the loader
  std::string loader_soname;
  elf::Abi abi;
};

Layout make_glibc_layout(Files& files, const parity::GlibcMachine& machine, Dice& dice);

}  // namespace revdep::random_tree
