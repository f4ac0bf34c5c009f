#include "faults/picture.h"

#include <sys/stat.h>
#include <sys/xattr.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "support/temp_dir.h"

namespace revdep::faults {
namespace {

namespace fs = std::filesystem;

constexpr const char* pax_xattr = "user.pax.flags";
constexpr std::size_t p_flags_size = 4;

[[noreturn]] void fail(const char* action, const std::string& path) {
  throw std::system_error(errno, std::generic_category(), action + (" " + path));
}

// 0 beyond the end.
std::uint64_t number(const std::string& bytes, std::size_t offset, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t index = size; index-- > 0;) {
    const auto byte = offset + index < bytes.size() ? static_cast<unsigned char>(bytes[offset + index]) : 0U;
    value = value << 8U | byte;
  }
  return value;
}

std::map<std::string, std::string> read_xattrs(const std::string& path) {
  std::array<char, 1024> names{};
  const ssize_t length = ::llistxattr(path.c_str(), names.data(), names.size());
  if (length < 0) fail("llistxattr", path);
  std::map<std::string, std::string> xattrs;
  for (ssize_t at = 0; at < length;) {
    const std::string name = &names[static_cast<std::size_t>(at)];
    at += static_cast<ssize_t>(name.size()) + 1;
    std::array<char, 1024> value{};
    const ssize_t size = ::lgetxattr(path.c_str(), name.c_str(), value.data(), value.size());
    if (size < 0) fail("lgetxattr", path);
    xattrs[name].assign(value.data(), static_cast<std::size_t>(size));
  }
  return xattrs;
}

FileState look_at(const fs::path& path, const struct stat& status) {
  FileState state;
  state.mode = status.st_mode;
  state.owner = status.st_uid;
  state.group = status.st_gid;
  state.links = status.st_nlink;
  state.modified = status.st_mtim;
  state.xattrs = read_xattrs(path.string());
  if (auto letters = state.xattrs.extract(pax_xattr)) state.markings.letters = letters.mapped();
  if (S_ISLNK(status.st_mode)) state.content = fs::read_symlink(path).string();
  if (!S_ISREG(status.st_mode)) return state;
  state.content = support::read_file(path);
  if (const auto offset = find_header(state.content)) {
    state.markings.header = static_cast<std::uint32_t>(number(state.content, *offset, p_flags_size));
    state.content.erase(*offset, p_flags_size);
  }
  return state;
}

}  // namespace

std::string describe(const Markings& markings) {
  char text[16] = "none";
  if (markings.header) std::snprintf(text, sizeof text, "0x%x", *markings.header);
  return "xattr " + markings.letters.value_or("none") + ", header " + text;
}

// elf.h: Elf64_Ehdr, Elf64_Phdr.
std::optional<std::size_t> find_header(const std::string& content) {
  constexpr std::uint32_t pt_pax_flags = 0x65041580;
  if (!content.starts_with(std::string("\177ELF\2\1", 6))) return std::nullopt;
  const std::size_t table = number(content, 32, 8);
  const std::size_t entry_size = number(content, 54, 2);
  const std::size_t entries = number(content, 56, 2);
  for (std::size_t index = 0; index < entries; ++index) {
    const std::size_t entry = table + index * entry_size;
    if (number(content, entry, 4) == pt_pax_flags) return entry + 4;
  }
  return std::nullopt;
}

Picture take_picture(const fs::path& directory) {
  Picture picture;
  std::map<ino_t, std::string> first_names;
  const std::size_t prefix = directory.string().size();
  std::map<std::string, struct stat> found;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(directory)) {
    const std::string path = entry.path().string();
    if (::lstat(path.c_str(), &found[path]) != 0) fail("lstat", path);
  }
  for (const auto& [path, status] : found) {
    FileState state = look_at(path, status);
    const std::string name = path.substr(prefix);
    state.first_name = first_names.emplace(status.st_ino, name).first->second;
    picture.emplace(name, std::move(state));
  }
  return picture;
}

}  // namespace revdep::faults
