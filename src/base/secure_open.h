// Opens a file for who is about to change it: beneath the root, component by component, by descriptors, with nothing on
// the way that another user could have put there. Changes nothing, and resolves no symlink: it refuses them.
#pragma once

#include <sys/stat.h>

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/fd.h"
#include "base/tree.h"

namespace revdep::base {

enum class Owners : unsigned char {
  root_only,  ///< the file and every directory on the way are root's
  any         ///< the file may be a user's; then the directories are root's or that user's
};

struct SecureDirectory {
  Fd fd;                  ///< O_PATH
  std::string name;       ///< the path's last component, which need not exist
  struct stat status {};  ///< of the directory
  uid_t owner = 0;        ///< whose the directories on the way are where they are not root's
};

struct SecureFile {
  Fd directory;           ///< O_PATH
  Fd file;                ///< O_RDONLY
  std::string name;       ///< in `directory`
  struct stat status {};  ///< of the file, before anything was read
};

/// The directory that a canonical path lies in. Error: a component, the tree's root included, is a symlink or no
/// directory, is not of `owners`, or is writable by group or others (a sticky bit does not help).
Result<SecureDirectory> open_secure_directory(const Tree& tree, std::string_view canonical, Owners owners);

/// The file too. Error: as above, or it is no regular file (a FIFO or device is not opened), or not of `owners`.
Result<SecureFile> open_secure(const Tree& tree, std::string_view canonical, Owners owners);

/// The same inode through another descriptor, whatever its names lead to by now; `flags` as for open(). An invalid Fd:
/// errno says why.
Fd reopen(int fd, int flags);

}  // namespace revdep::base
