// What stands below a directory, read with lstat, getxattr and pread alone, so that nothing of the code under test judges
// itself. Compares nothing.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <ctime>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace revdep::faults {

struct Markings {
  std::optional<std::string> letters;   ///< user.pax.flags
  std::optional<std::uint32_t> header;  ///< p_flags of the first PT_PAX_FLAGS of a 64-bit little-endian file
  friend bool operator==(const Markings&, const Markings&) = default;
};

std::string describe(const Markings& markings);

struct FileState {
  Markings markings;
  mode_t mode = 0;
  uid_t owner = 0;
  gid_t group = 0;
  nlink_t links = 0;
  std::string first_name;  ///< of those of the same inode: the same in a copy of the tree
  timespec modified{};
  std::map<std::string, std::string> xattrs;  ///< without user.pax.flags; ACLs and capabilities with the rest
  std::string content;                        ///< without the four bytes of p_flags; a symlink's is its target
};

/// By path below the directory: "/usr/bin/x".
using Picture = std::map<std::string, FileState>;

Picture take_picture(const std::filesystem::path& directory);

/// Where p_flags of the first PT_PAX_FLAGS lie; nullopt: none, or no 64-bit little-endian ELF file.
std::optional<std::size_t> find_header(const std::string& content);

}  // namespace revdep::faults
