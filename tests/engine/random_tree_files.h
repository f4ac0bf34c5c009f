// A root directory under construction: objects and links put into it, and the package database that Portage would have
// written for the objects. Knows nothing of the code under test.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "support/elf_builder.h"

namespace revdep::random_tree {

class Files {
 public:
  explicit Files(std::filesystem::path root) : root_(std::move(root)) {}

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }
  /// Whether something, a dangling symlink too, is at this path inside the root; parents' symlinks are not followed
  /// outside it.
  [[nodiscard]] bool occupied(const std::string& path) const;
  /// Where `path` is on the machine: its directory's symlinks are followed inside the root, its last part's are not.
  [[nodiscard]] std::filesystem::path place(const std::string& path) const;

  void make_directory(const std::string& path);
  /// Each does nothing and says false when the path is occupied or its directory does not exist.
  bool add(const std::string& path, const elf_builder::Object& object, unsigned mode = 0755);
  bool add_text(const std::string& path, const std::string& text);
  bool add_symlink(const std::string& path, const std::string& target);
  bool add_hard_link(const std::string& path, const std::string& existing);
  /// Removes a file, as if behind the package manager's back: its database entry stays.
  void remove(const std::string& path);

  /// Every object added, hard links too.
  [[nodiscard]] const std::vector<std::pair<std::string, elf_builder::Object>>& objects() const { return objects_; }

  /// var/db/pkg below the root. `left_out`: every so many objects, one has no entry; 0: none.
  void write_database(std::size_t left_out) const;

 private:
  std::filesystem::path root_;
  std::vector<std::pair<std::string, elf_builder::Object>> objects_;
};

/// A NEEDED.ELF.2 line.
std::string needed_line(const std::string& path, const elf_builder::Object& object);

}  // namespace revdep::random_tree
