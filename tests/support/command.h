// Runs a program and collects what it prints. No shell, no input.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace revdep::support {

struct Outcome {
  int status = 0;  ///< exit status; 128 + signal when killed; 127 when it could not be started
  std::string out;
  std::string err;
};

using Environment = std::vector<std::pair<std::string, std::string>>;

/// Looks arguments[0] up in PATH. `added` comes on top of the environment, with LC_ALL=C.
Outcome run(const std::vector<std::string>& arguments, const Environment& added = {});

/// Whether `program` is found in PATH.
bool have_program(const std::string& program);

}  // namespace revdep::support
