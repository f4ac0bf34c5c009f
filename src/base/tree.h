// A rooted, read-only view of the filesystem: canonical paths, cheap existence, reads. Never leaves its root, whatever
// symlinks say, and never writes.
//
// Paths are absolute inside the root ("/usr/lib64/libz.so.1"). A *canonical* path has no symlinks, "." or "..".
#pragma once

#include <sys/stat.h>

#include <ctime>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/entry_watch.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/ids.h"
#include "base/interner.h"
#include "base/stamp.h"

namespace revdep::base {

class Image;

enum class FileKind : unsigned char { missing, regular, directory, symlink, other };

struct DirectoryEntry {
  FileKind kind = FileKind::missing;
  ino_t inode = 0;
  friend bool operator==(const DirectoryEntry&, const DirectoryEntry&) = default;
};

class Tree {
 public:
  /// Opens `root` (a path of the running system). Error: it is no directory, or cannot be opened.
  static Result<Tree> open(const std::string& root);

  /// The root as given on the command line, without trailing slashes; "" for "/".
  [[nodiscard]] const std::string& prefix() const { return prefix_; }

  /// What `name` is in the canonical directory `directory`; symlinks are not followed. An answer holds until refresh() or
  /// forget(); a directory that is asked about more than a few names is listed once.
  DirectoryEntry entry(std::string_view directory, std::string_view name);

  /// Names in a canonical directory, unsorted. Error: unreadable.
  Result<std::vector<std::string>> list(std::string_view directory);

  struct Resolved {
    std::string path;  ///< canonical
    FileKind kind = FileKind::missing;
    int error = 0;  ///< errno when missing: ENOENT, ENOTDIR, ELOOP, EACCES, ENAMETOOLONG
    ino_t inode = 0;
  };
  /// Follows every symlink of `path` inside the root, as a chroot would. A relative path counts from the root. `through`:
  /// is told of every canonical path that the last component led to.
  Resolved resolve(std::string_view path, std::vector<std::string>* through = nullptr);
  /// The same for `name` in a canonical directory.
  Resolved resolve(std::string_view directory, std::string_view name, std::vector<std::string>* through);

  /// The canonical directory that `directory` leads to; cached. Missing: nullptr. The pointer stays valid until
  /// forget(), or until refresh() finds that directories are others.
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

  struct Lookup {
    DirectoryEntry entry;
    int error = 0;  // errno when missing
    friend bool operator==(const Lookup&, const Lookup&) = default;
  };
  /// What is known of a directory. What was answered once stays so until refresh(), which tells of every difference.
  struct Listing {
    enum class Known : unsigned char {
      by_name,  // what was asked about
      all,
      by_name_only,  // it cannot be listed
    };
    Known known = Known::by_name;
    std::optional<Stamp> stamp;  // of the directory before it was looked into; nullopt: it is to be looked at again
    bool watched = false;        // since before that
    Interner<NameId> names;
    std::vector<Lookup> entries;                    // by NameId
    std::unordered_map<NameId, std::string> links;  // targets, where they are known
  };

  /// All entries of a canonical directory, and where those of `names` lead that are symlinks. Touches nothing of the tree, so
  /// that it can run beside all but lay_over().
  [[nodiscard]] Listing list_ahead(std::string_view directory, std::span<const std::string_view> names) const;
  /// What list_ahead() gave for a directory, when that was run; asked when a directory is first looked into.
  using Ahead = std::function<std::optional<Listing>(std::string_view)>;
  void set_ahead(Ahead ahead) { ahead_ = std::move(ahead); }

  struct Changes {
    std::vector<std::string> entries;  ///< canonical paths that came, went or lead elsewhere: sorted, each once
    bool directories = false;          ///< what resolve_directory() gave so far does not hold any more
  };
  /// Looks again at all that was asked about. Directories whose times say that nothing happened in them are not read; where
  /// `watch` can tell, only at what it names. `now`: seconds since the epoch.
  Changes refresh(std::time_t now = std::time(nullptr), EntryWatch* watch = nullptr);

  /// Drops all cached listings and resolutions.
  void forget();

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  Tree(std::string prefix, Fd root) : prefix_(std::move(prefix)), root_(std::move(root)) {}

  /// Where a directory's path leads: `path` is canonical when `error` (an errno value) is 0.
  struct Directory {
    std::string path;
    int error = 0;
  };

  /// What the kernel says of one name in a canonical directory.
  [[nodiscard]] Lookup ask(std::string_view directory, std::string_view name) const;
  /// The same, from the directory's listing where there is one.
  Lookup look_up(std::string_view directory, std::string_view name);
  Listing& listing(std::string_view directory);
  /// All entries of a directory; one can come twice. False: it cannot be listed to its end.
  bool for_each_entry(std::string_view directory,
                      const std::function<void(std::string_view, const Lookup&)>& use) const;
  /// Lists all entries; those that are known stay as they were.
  void read_listing(std::string_view directory, Listing& listing) const;
  [[nodiscard]] std::optional<Stamp> stamp_of(std::string_view directory, std::time_t now) const;
  static void drop_missing(Listing& listing);
  class SecondLook;
  [[nodiscard]] bool leads_elsewhere(const std::vector<std::string>& changed) const;
  std::optional<std::string> read_link(std::string_view canonical, int& error) const;
  /// The same of a symlink that look_up() told of; remembered, and nullptr where it cannot be read.
  const std::string* link_target(std::string_view directory, std::string_view name, int& error);
  const Directory& walk(std::string_view path);
  /// resolve() behind so many symlinks; the path is empty where there is no such place.
  Resolved follow(std::string_view path, int links, std::vector<std::string>* through);
  Resolved follow(std::string_view directory, std::string_view name, int links, std::vector<std::string>* through);

  std::string prefix_;
  Fd root_;
  std::shared_ptr<const Image> image_;
  Ahead ahead_;
  std::unordered_map<std::string, Listing, TextHash, std::equal_to<>> listings_;
  std::pair<const std::string, Listing>* last_listed_ = nullptr;
  std::unordered_map<std::string, Directory, TextHash, std::equal_to<>> directories_;
  std::unordered_set<std::string> steps_;  // canonical paths of what is no directory, on the way to one
};

/// `path` split at its last slash: ("/usr/lib", "x") for "/usr/lib/x"; ("/", "x") for "/x".
std::pair<std::string_view, std::string_view> split_path(std::string_view path);

/// directory + "/" + name, without a doubled slash.
std::string join_path(std::string_view directory, std::string_view name);

/// Reads all of `fd`, at most `limit` bytes. Error: no regular file, I/O, or more than `limit`.
Result<std::string> read_all(int fd, std::size_t limit, std::string_view name);

}  // namespace revdep::base
