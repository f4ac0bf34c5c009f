#include "config/glob.h"

#include <fnmatch.h>

#include <cstddef>

namespace revdep::config {
namespace {

constexpr std::string_view wildcards = "*?[";
constexpr std::string_view special = "*?[\\";

}  // namespace

std::string check_glob(const std::string& glob) {
  if (!glob.starts_with('/')) return '\'' + glob + "' is no absolute path: it must begin with /";
  for (const std::string_view part : {"//", "/./", "/../"}) {
    if ((glob + '/').find(part) != std::string::npos) {
      return '\'' + glob + "' fits no file: paths have no //, . or .., and do not end in /";
    }
  }
  const std::size_t backslashes = glob.size() - 1 - glob.find_last_not_of('\\');
  return backslashes % 2 == 0 ? "" : '\'' + glob + "' fits no file: it ends in a lone backslash";
}

// Most paths differ from most globs before the first wildcard.
bool matches(const std::string& glob, const std::string& path) {
  for (std::size_t at = 0; at < glob.size(); ++at) {
    if (special.find(glob[at]) != std::string_view::npos) {
      return ::fnmatch(glob.c_str(), path.c_str(), FNM_PATHNAME) == 0;
    }
    if (at == path.size() || glob[at] != path[at]) return false;
  }
  return glob.size() == path.size();
}

bool is_plain(std::string_view glob) {
  for (std::size_t at = 0; at < glob.size(); ++at) {
    if (glob[at] == '\\') {
      ++at;
    } else if (wildcards.find(glob[at]) != std::string_view::npos) {
      return false;
    }
  }
  return true;
}

std::string plain_path(std::string_view glob) {
  std::string path;
  for (std::size_t at = 0; at < glob.size(); ++at) {
    if (glob[at] == '\\' && at + 1 < glob.size()) ++at;
    path += glob[at];
  }
  return path;
}

std::string escape_glob(std::string_view path) {
  std::string glob;
  for (const char letter : path) {
    if (special.find(letter) != std::string_view::npos) glob += '\\';
    glob += letter;
  }
  return glob;
}

}  // namespace revdep::config
