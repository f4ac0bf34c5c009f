// ld.so.conf with its includes, musl's path file and ld.so.preload: texts in, directories or names in their order out.
// Does not say which of the directories a loader searches.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/tree.h"

namespace revdep::loader {

/// One line's meaning. ldconfig's grammar: '#' comments, `include GLOB...` (one ConfLine a glob), `hwcap` lines
/// (obsolete, ignored), else a directory; a "=TYPE" suffix is cut, as ldconfig did to 2.36.
struct ConfLine {
  enum class Kind : unsigned char { directory, include } kind = Kind::directory;
  std::string text;  ///< never empty; a directory without trailing slashes

  friend bool operator==(const ConfLine&, const ConfLine&) = default;
};
std::vector<ConfLine> parse_ld_so_conf(std::string_view text);

struct ConfDirectories {
  std::vector<std::string> directories;  ///< absolute inside the root, existing, as spelled, in order; each place once
  std::vector<base::Error> problems;
};

/// Reads /etc/ld.so.conf below `tree` with its includes (globs relative to the including file's directory, sorted; a
/// file that includes itself is read once). Absent files and directories are no problem: there are none.
ConfDirectories read_ld_so_conf(base::Tree& tree, std::string_view path = "/etc/ld.so.conf");

/// /etc/ld-musl-ARCH.path: directories separated by newlines or colons.
std::vector<std::string> parse_musl_path(std::string_view text);

/// /etc/ld.so.preload: names or paths separated by blanks, newlines or colons; '#' comments to the end of the line, but
/// for those that glibc overlooks: see the source.
std::vector<std::string> parse_preload(std::string_view text);

}  // namespace revdep::loader
