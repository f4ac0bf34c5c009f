// The patterns of rules: fnmatch(3) on canonical paths, where a wildcard matches no slash (FNM_PATHNAME). Looks at no file.
#pragma once

#include <string>
#include <string_view>

namespace revdep::config {

/// Why no canonical path can fit `glob`, one sentence; "": one can.
std::string check_glob(const std::string& glob);

bool matches(const std::string& glob, const std::string& path);

/// Whether `glob` names one path: it has no wildcard that is not escaped.
bool is_plain(std::string_view glob);

/// The path that a plain glob names: without its escapes.
std::string plain_path(std::string_view glob);

/// The plain glob that names `path`.
std::string escape_glob(std::string_view path);

}  // namespace revdep::config
