// A root directory with a package database and small ELF files, made object by object, and revdep-pax run on it.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "support/command.h"
#include "support/elf_builder.h"
#include "support/temp_dir.h"

namespace revdep::tool {

class SmallRoot {
 public:
  /// With glibc's loader for x86-64 and /usr/lib64 as library directory. The database is written by each run().
  SmallRoot();

  /// Whether markings can be kept where the tests run.
  [[nodiscard]] bool has_xattrs() const;

  void add(const std::string& path, const elf_builder::Object& object, const std::string& package = "app/one-1");
  /// A file of a package that is no object, or a file of the database.
  void write(const std::string& path, const std::string& content);
  void set_flags(const std::string& path, const std::string& flags) const;
  /// What getfattr says of user.pax.flags; "none" without the attribute.
  [[nodiscard]] std::string flags(const std::string& path) const;

  /// $PATH is /usr/bin:/bin.
  support::Outcome run(const std::vector<std::string>& arguments) const;
  /// The same with a terminal as standard input and output, on which `answers` were typed. Both outputs are in `out`.
  support::Outcome run_on_terminal(const std::vector<std::string>& arguments, const std::string& answers) const;

  [[nodiscard]] std::string file(const std::string& path) const { return (directory_ / path).string(); }

 private:
  struct Package {
    std::string needed;    // NEEDED.ELF.2
    std::string contents;  // CONTENTS
  };
  [[nodiscard]] std::vector<std::string> command(const std::vector<std::string>& arguments) const;
  void write_database() const;

  support::TempDir directory_;
  std::map<std::string, Package> packages_;
};

/// `text` with each '|' a tab: expected reports that can be read.
std::string tabs(std::string text);

}  // namespace revdep::tool
