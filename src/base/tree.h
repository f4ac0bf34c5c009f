// A rooted, read-only view of the filesystem: canonical paths, cheap existence, reads. Never leaves its root, whatever
// symlinks say, and never writes.
//
// Paths are absolute inside the root ("/usr/lib64/libz.so.1"). A *canonical* path has no symlinks, "." or "..".
#pragma once

#include <sys/stat.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/fd.h"
#include "base/ids.h"
#include "base/interner.h"

namespace revdep::base {

class Image;

enum class FileKind : unsigned char { missing, regular, directory, symlink, other };

struct DirectoryEntry {
  FileKind kind = FileKind::missing;
  ino_t inode = 0;
};

class Tree {
 public:
  /// Opens `root` (a path of the running system). Error: it is no directory, or cannot be opened.
  static Result<Tree> open(const std::string& root);

  /// The root as given on the command line, without trailing slashes; "" for "/".
  [[nodiscard]] const std::string& prefix() const { return prefix_; }

  /// What `name` is in the canonical directory `directory`; symlinks are not followed. A directory that is asked about
  /// more than a few names is listed once and answers from that until forget().
  DirectoryEntry entry(std::string_view directory, std::string_view name);

  /// Names in a canonical directory, unsorted. Error: unreadable.
  Result<std::vector<std::string>> list(std::string_view directory);

  struct Resolved {
    std::string path;  ///< canonical
    FileKind kind = FileKind::missing;
    int error = 0;  ///< errno when missing: ENOENT, ENOTDIR, ELOOP, EACCES, ENAMETOOLONG
  };
  /// Follows every symlink of `path` inside the root, as a chroot would. A relative path counts from the root.
  Resolved resolve(std::string_view path);

  /// The canonical directory that `directory` leads to; cached. Missing: nullptr. The pointer stays valid until forget().
  const std::string* resolve_directory(std::string_view directory);

  /// lstat of a canonical path.
  [[nodiscard]] Result<struct stat> status(std::string_view canonical) const;

  /// Opens a canonical path with `flags` | O_CLOEXEC | O_NOFOLLOW. Error: errno's text.
  [[nodiscard]] Result<Fd> open_file(std::string_view canonical, int flags) const;

  /// Whole content of a regular file (symlinks followed inside the root). Error: absent, not regular, larger than `limit`.
  Result<std::string> read_file(std::string_view path, std::size_t limit);

  /// The system's root directory.
  [[nodiscard]] int descriptor() const { return root_.get(); }

  /// Shows the files of a package's image, a path of the running system, as if they were merged already. Error: as of
  /// Image::read.
  std::optional<Error> lay_over(const std::string& image);
  /// What was laid over; nullptr: nothing.
  [[nodiscard]] const Image* image() const { return image_.get(); }

  /// A canonical path as the arguments of openat and its like.
  struct Place {
    int root = -1;
    std::string path;
  };
  [[nodiscard]] Place place(std::string_view canonical) const;

  /// Drops all cached listings and resolutions.
  void forget();

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  struct Listing {
    unsigned questions = 0;  // asked before it was known
    bool known = false;
    bool readable = false;
    Interner<NameId> names;
    std::vector<DirectoryEntry> entries;  // by NameId
  };

  Tree(std::string prefix, Fd root) : prefix_(std::move(prefix)), root_(std::move(root)) {}

  /// Where a directory's path leads: `path` is canonical when `error` (an errno value) is 0.
  struct Directory {
    std::string path;
    int error = 0;
  };

  struct Lookup {
    DirectoryEntry entry;
    int error = 0;  // errno when missing
  };
  /// What the kernel says of one name in a canonical directory.
  [[nodiscard]] Lookup ask(std::string_view directory, std::string_view name) const;
  /// The same, from the directory's listing where there is one.
  Lookup look_up(std::string_view directory, std::string_view name);
  Listing& listing(std::string_view directory);
  void read_listing(std::string_view directory, Listing& listing) const;
  std::optional<std::string> read_link(std::string_view canonical, int& error) const;
  const Directory& walk(std::string_view path);

  std::string prefix_;
  Fd root_;
  std::shared_ptr<const Image> image_;
  std::unordered_map<std::string, Listing, TextHash, std::equal_to<>> listings_;
  std::unordered_map<std::string, Directory, TextHash, std::equal_to<>> directories_;
};

/// `path` split at its last slash: ("/usr/lib", "x") for "/usr/lib/x"; ("/", "x") for "/x".
std::pair<std::string_view, std::string_view> split_path(std::string_view path);

/// directory + "/" + name, without a doubled slash.
std::string join_path(std::string_view directory, std::string_view name);

/// Reads all of `fd`, at most `limit` bytes. Error: no regular file, I/O, or more than `limit`.
Result<std::string> read_all(int fd, std::size_t limit, std::string_view name);

}  // namespace revdep::base
