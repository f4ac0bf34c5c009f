#include "revdep-pax/running.h"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

namespace revdep::tool {

std::vector<Process> find_running(const std::set<std::pair<dev_t, ino_t>>& files) {
  std::vector<Process> found;
  if (files.empty()) return found;
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/proc", error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    pid_t pid = 0;
    const auto [rest, status] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (status != std::errc() || rest != name.data() + name.size()) continue;
    struct stat file {};
    const std::string link = entry->path() / "exe";
    if (::stat(link.c_str(), &file) != 0 || !files.contains({file.st_dev, file.st_ino})) continue;
    std::error_code gone;
    found.push_back({pid, std::filesystem::read_symlink(link, gone).string()});
  }
  std::sort(found.begin(), found.end(), [](const Process& one, const Process& other) { return one.pid < other.pid; });
  return found;
}

}  // namespace revdep::tool
