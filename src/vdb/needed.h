// NEEDED.ELF.2 and its older kin NEEDED: bytes in, lines out. Written by Portage from scanelf's output.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace revdep::vdb {

/// `ARCH;/path;soname;rpath:rpath;needed,needed;category` - views into the text that was parsed, raw: paths carry
/// EPREFIX and are not resolved, rpath may hold DT_RPATH or DT_RUNPATH, soname may be the base name of a library
/// without one.
struct NeededLine {
  std::string_view arch;
  std::string_view path;
  std::string_view soname;
  std::string_view rpath;     ///< "" also for the old spelling "  -  "
  std::string_view needed;    ///< comma-separated, as in the file
  std::string_view category;  ///< "" from older Portage (five fields) and for machines that Portage does not know
  std::size_t line = 0;       ///< 1-based
  bool suspicious = false;    ///< its fields may be shifted (a ';' inside one) or cut: cross-check with the ELF
};

/// A line that could not be used.
struct LineProblem {
  std::size_t line = 0;  ///< 1-based
  std::string reason;
};

struct NeededFile {
  std::vector<NeededLine> lines;
  std::vector<LineProblem> problems;
};

/// Parses NEEDED.ELF.2. `text` must outlive the answer. Malformed lines become problems; the others are kept.
NeededFile parse_needed_elf2(std::string_view text);

/// Parses the older NEEDED (`/path needed,needed`, neither arch nor soname nor rpath). The split is at the last blank.
NeededFile parse_needed(std::string_view text);

/// Calls `use` with each entry of a `needed` field.
template <class Use>
void for_each_needed(std::string_view needed, Use&& use) {
  while (!needed.empty()) {
    const std::size_t comma = needed.find(',');
    const std::string_view name = needed.substr(0, comma);
    if (!name.empty()) use(name);
    needed = comma == std::string_view::npos ? std::string_view() : needed.substr(comma + 1);
  }
}

}  // namespace revdep::vdb
