// What is compiled into a system's dynamic loader, per ABI: its default directories, $LIB, $PLATFORM, hwcaps
// subdirectories; and which loader it is. Executes nothing of the root.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/tree.h"
#include "elf/abi.h"

namespace revdep::loader {

enum class Flavour : unsigned char { glibc, musl };

/// What follows from the CPU is the running one's: another root is taken to run on this machine.
struct Platform {
  Flavour flavour = Flavour::glibc;
  std::string interpreter;                         ///< as programs name it; "" when the root has none for this ABI
  std::vector<std::string> system_directories;     ///< without trailing slashes, in the loader's order
  std::string lib;                                 ///< $LIB: "lib64", "lib/x86_64-linux-gnu"
  std::string platform;                            ///< $PLATFORM: "x86_64", "i686"; "" when unknown
  std::vector<std::string> hwcaps;                 ///< glibc-hwcaps names that this CPU can use, strongest first
  std::vector<std::string> hwcaps_subdirectories;  ///< tried in each directory before the directory itself, in order:
                                                   ///< "glibc-hwcaps/x86-64-v3", and before 2.37 "tls/haswell/..." etc.
  std::uint64_t legacy_hwcap = 0;                  ///< for LdCache::find: bits of legacy entries that this loader takes
};

/// Reads the loader at `interpreter` below `tree` (read-only data and the version string, never run). A loader that is
/// absent or not understood: the ABI's usual defaults, as a current version has them.
Platform read_platform(base::Tree& tree, elf::Abi abi, std::string_view interpreter);

/// The loaders that programs of `abi` usually name, glibc's first, then musl's: "/lib64/ld-linux-x86-64.so.2", ...
/// Empty for a machine without a known one.
std::vector<std::string> usual_interpreters(elf::Abi abi);

/// The directories that a glibc for `abi` usually has compiled in, without trailing slashes.
std::vector<std::string> usual_system_directories(elf::Abi abi);

/// musl by its name (".../ld-musl-ARCH.so.1"); everything else is glibc.
Flavour flavour_of(std::string_view interpreter);

}  // namespace revdep::loader
