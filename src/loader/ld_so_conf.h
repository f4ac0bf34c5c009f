// ld.so.conf and its includes: the directories that ldconfig searches, in order.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/tree.h"

namespace revdep::loader {

/// One line's meaning. ldconfig's grammar: '#' comments, `include GLOB`, `hwcap` lines (obsolete, ignored), else a
/// directory; a "=TYPE" suffix is cut.
struct ConfLine {
  enum class Kind : unsigned char { directory, include } kind = Kind::directory;
  std::string text;
};
std::vector<ConfLine> parse_ld_so_conf(std::string_view text);

struct ConfDirectories {
  std::vector<std::string> directories;  ///< absolute inside the root, in order, without repeats
  std::vector<base::Error> problems;
};

/// Reads /etc/ld.so.conf below `tree` with its includes (globs relative to the including file's directory, sorted; a
/// file that includes itself is read once). An absent file is no problem: there are none.
ConfDirectories read_ld_so_conf(base::Tree& tree, std::string_view path = "/etc/ld.so.conf");

/// /etc/ld-musl-ARCH.path: directories separated by newlines or colons.
std::vector<std::string> parse_musl_path(std::string_view text);

/// /etc/ld.so.preload: names or paths separated by white space or colons; '#' comments to the end of the line.
std::vector<std::string> parse_preload(std::string_view text);

}  // namespace revdep::loader
