// A root in which packages are merged and unmerged step by step as Portage does it: live files by rename, the database
// directory under a temporary name, the lock, the registry of preserved libraries. Runs nothing.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "support/elf_builder.h"

namespace revdep::support {

struct PackageFile {
  std::string path;
  elf_builder::Object object;
  std::string flags;               ///< user.pax.flags of the image; "": none
  std::vector<std::string> links;  ///< further names, hard
};

struct TestPackage {
  std::string name;  ///< "cat/pf"
  std::vector<PackageFile> files;
  std::vector<std::pair<std::string, std::string>> symlinks;  ///< path and target
};

/// What is about to be done. A merge that returns early was killed there.
enum class MergeStep : unsigned char {
  lock,        ///< the lock is taken, the category's time changes
  directory,   ///< -MERGING-PF is made and filled
  files,       ///< the files are renamed onto the live system
  old_files,   ///< of what is replaced: its files that are not in the new one are unlinked
  old_record,  ///< and its database directory is removed
  record,      ///< -MERGING-PF is renamed
  registry,    ///< the registry of preserved libraries is written
  unlock,      ///< times change again, the lock is let go
};

class PortageRoot {
 public:
  /// Makes /var/db/pkg, /usr/lib64, /etc/ld.so.conf and a package with the x86-64 loader below `root`.
  explicit PortageRoot(std::filesystem::path root);
  /// One that is there already, of whose packages nothing is known.
  struct Existing {};
  PortageRoot(std::filesystem::path root, Existing /*existing*/) : root_(std::move(root)) {}

  using OnStep = std::function<bool(MergeStep)>;  ///< false: killed before it
  /// Merges it; another version in `replaced` ("cat/pf"; "": none) goes meanwhile, but for the libraries in `preserved`.
  /// False: it was killed.
  bool merge(const TestPackage& package, const std::string& replaced = {}, const OnStep& on_step = nullptr,
             const std::vector<std::string>& preserved = {});
  void unmerge(const std::string& name);
  /// A package move: the database directory is renamed.
  void move(const std::string& from, const std::string& to);
  /// As a blocker does: the package's NEEDED.ELF.2 and CONTENTS lose the path, by temp + rename inside its directory.
  void edit_record(const std::string& name, const std::string& path);
  /// Preserved libraries that nothing needs any more.
  void drop_preserved(const std::string& path);

  [[nodiscard]] const std::map<std::string, TestPackage>& packages() const { return packages_; }
  [[nodiscard]] const std::vector<std::string>& preserved() const { return preserved_; }
  [[nodiscard]] std::string file(const std::string& path) const { return root_.string() + path; }
  [[nodiscard]] std::string directory() const { return root_.string(); }

 private:
  [[nodiscard]] std::string record(const std::string& name, const std::string& prefix = {}) const;
  void write_record(const TestPackage& package, const std::string& directory) const;
  void put_files(const TestPackage& package) const;
  void remove_files(const TestPackage& old, const TestPackage* by, const std::vector<std::string>& preserved);
  void touch_category(const std::string& name) const;
  void write_registry() const;

  std::filesystem::path root_;
  std::map<std::string, TestPackage> packages_;
  std::vector<std::string> preserved_;
};

/// What NEEDED.ELF.2 says of the file.
std::string needed_line(const PackageFile& file, const std::string& path);

}  // namespace revdep::support
