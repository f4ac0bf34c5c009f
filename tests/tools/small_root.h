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
  void write(const std::string& path, const std::string& content) const;
  /// CONTENTS has the MD5 sum of the package's file as it is now; else it has one that fits none.
  void list_md5(const std::string& path);
  /// Another file under the same name, as by a re-install: a new inode without xattrs.
  void replace(const std::string& path, const elf_builder::Object& object) const;
  void set_flags(const std::string& path, const std::string& flags) const;
  void remove_flags(const std::string& path) const;
  /// What getfattr says of user.pax.flags; "none" without the attribute.
  [[nodiscard]] std::string flags(const std::string& path) const;
  /// p_flags of the first PT_PAX_FLAGS of a 64-bit little-endian file, from its bytes: "0x2800"; "none" without one.
  [[nodiscard]] std::string header(const std::string& path) const;
  /// All there is below the root, as find, sha256sum and getfattr show it: names, modes, owners, sizes, links, inodes,
  /// times, contents, xattrs.
  [[nodiscard]] std::string picture() const;

  /// $PATH is /usr/bin:/bin.
  support::Outcome run(const std::vector<std::string>& arguments) const;
  /// The same as user 65534.
  [[nodiscard]] bool is_reachable_by_nobody() const;
  support::Outcome run_as_nobody(const std::vector<std::string>& arguments) const;
  /// The same with a terminal as standard input and output, on which `answers` were typed. Both outputs are in `out`.
  support::Outcome run_on_terminal(const std::vector<std::string>& arguments, const std::string& answers) const;
  /// The same of a line for sh, with that $PATH.
  support::Outcome run_line_on_terminal(const std::string& line, const std::string& path,
                                        const std::string& answers) const;
  /// As each of these does before.
  void write_database() const;

  [[nodiscard]] std::string directory() const { return directory_.string(); }
  [[nodiscard]] std::string file(const std::string& path) const { return (directory_ / path).string(); }

 private:
  struct Package {
    std::string needed;    // NEEDED.ELF.2
    std::string contents;  // CONTENTS
  };
  [[nodiscard]] std::vector<std::string> command(const std::vector<std::string>& arguments) const;

  support::TempDir directory_;
  std::map<std::string, Package> packages_;
};

/// `text` with each '|' a tab: expected reports that can be read.
std::string tabs(std::string text);

}  // namespace revdep::tool
