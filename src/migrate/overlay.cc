#include "migrate/overlay.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

namespace revdep::migrate {
namespace {

// What /proc/self/mountinfo says of one mount, see proc(5).
struct Mount {
  std::string root;   // the directory of the filesystem that is mounted
  std::string point;  // where
  std::string upper;  // the overlay's upperdir
};

// Blanks and backslashes stand there as three octal digits.
std::string unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      plain += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

std::string mount_id(int fd) {
  std::ifstream lines("/proc/self/fdinfo/" + std::to_string(fd));
  for (std::string key, value; lines >> key >> value;) {
    if (key == "mnt_id:") return value;
  }
  return {};
}

std::optional<Mount> find_mount(const std::string& wanted) {
  std::ifstream lines("/proc/self/mountinfo");
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string id;
    std::string skipped;
    Mount mount;
    fields >> id >> skipped >> skipped >> mount.root >> mount.point;
    if (id != wanted) continue;
    constexpr std::string_view key = "upperdir=";
    const std::size_t start = line.rfind(key);
    if (start == std::string::npos) return std::nullopt;
    const std::size_t from = start + key.size();
    mount.upper = unescape(line.substr(from, line.find(',', from) - from));
    return Mount{unescape(mount.root), unescape(mount.point), mount.upper};
  }
  return std::nullopt;
}

std::string path_of(int fd) {
  char target[PATH_MAX];
  const ssize_t length = ::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), target, sizeof target);
  return {target, static_cast<std::size_t>(length < 0 ? 0 : length)};
}

}  // namespace

bool is_on_lower_layer(int fd) {
  struct statfs filesystem {};
  if (::fstatfs(fd, &filesystem) != 0 || filesystem.f_type != OVERLAYFS_SUPER_MAGIC) return false;
  const std::optional<Mount> mount = find_mount(mount_id(fd));
  const std::string path = path_of(fd);
  if (!mount || !path.starts_with(mount->point)) return false;
  const std::string inside = mount->root + '/' + path.substr(mount->point.size());
  struct stat found {};
  if (::stat(mount->upper.c_str(), &found) != 0) return false;
  return ::lstat((mount->upper + inside).c_str(), &found) != 0 && errno == ENOENT;
}

}  // namespace revdep::migrate
