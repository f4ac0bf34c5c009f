// A directory of small programs and libraries compiled for one test.
#pragma once

#include <string>
#include <vector>

#include "engine/parity_loader.h"
#include "support/temp_dir.h"

namespace revdep::fixtures {

/// Why no program can be compiled and linked with `arguments` ("gcc", "-m32"); "" when it can.
std::string hindrance(const std::vector<std::string>& arguments);

class Workshop {
 public:
  /// Compiles `source` with `compiler` ("gcc -m32" as words) to `output`, a path in here, its directories included. The
  /// last words of `arguments` go to the linker as they are. A failure is a test failure, with the compiler's words.
  void compile(const std::string& output, const std::string& source, const std::vector<std::string>& arguments,
               const std::vector<std::string>& compiler = {"gcc"});
  /// A library with that soname ("": none), without code.
  void library(const std::string& output, const std::string& soname, std::vector<std::string> arguments = {},
               const std::vector<std::string>& compiler = {"gcc"});
  /// An empty program.
  void program(const std::string& output, std::vector<std::string> arguments = {},
               const std::vector<std::string>& compiler = {"gcc"});

  [[nodiscard]] const support::TempDir& directory() const { return directory_; }
  /// `name` in here as an absolute path.
  [[nodiscard]] std::string path(const std::string& name) const { return (directory_ / name).string(); }

  /// Compares the closure of `program`, a path in here, with the answer of the loader that it names, twice: from a
  /// package database of this directory, and from the files. Returns the closure's files with this directory's path cut.
  std::vector<std::string> closure_as_the_loader(const std::string& program);

 private:
  support::TempDir directory_;
};

}  // namespace revdep::fixtures
