// A package database of files that are there, written with scanelf as Portage does it: its parser is not ours.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace revdep::parity {

/// One line of scanelf: "EM_X86_64;/usr/bin/x;soname;rpath;needed,needed;ELFCLASS64". The interpreter is not its word.
struct Scanned {
  std::string machine, path, soname, rpath, needed, elf_class, interpreter;
};

/// Every ELF object in these directories and below them.
std::vector<Scanned> scan(const std::vector<std::string>& directories);

/// Writes a package for each directory of `objects` into the package database `place`.
void write_database(const std::filesystem::path& place, const std::vector<Scanned>& objects);

}  // namespace revdep::parity
