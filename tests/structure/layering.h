// The rules of the source tree as checks on one file's text: who may include whom, where libelf may be named, how long
// a file may be. Reads no file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace revdep::structure {

/// What is wrong with the file at `path` (from the top of the project, "src/elf/facts.cc"); one sentence each, with
/// path and line. Empty: nothing.
std::vector<std::string> check_file(std::string_view path, std::string_view text);

}  // namespace revdep::structure
