// The least that any reader of a system's markings must do, to measure ours against: reads every NEEDED.ELF.2, and of
// every object opens it, preads its first KiB, asks for its xattr and closes it. Understands nothing of what it reads.
//
// Usage: floor ROOT LIST, where LIST holds paths relative to ROOT, one a line: objects, and NEEDED.ELF.2 files by name.
#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: floor ROOT LIST\n", stderr);
    return 2;
  }
  std::ifstream list(argv[2]);
  std::vector<std::string> objects;
  std::vector<std::string> databases;
  for (std::string line; std::getline(list, line);) {
    (line.ends_with("/NEEDED.ELF.2") ? databases : objects).push_back(line);
  }
  if (::chdir(argv[1]) != 0) {
    std::perror(argv[1]);
    return 2;
  }
  static std::array<char, 65536> buffer;
  std::size_t bytes = 0;
  for (const std::string& path : databases) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) continue;
    for (ssize_t got = 1; got > 0; bytes += static_cast<std::size_t>(got)) {
      got = ::read(fd, buffer.data(), buffer.size());
      if (got < 0) break;
    }
    ::close(fd);
  }
  for (const std::string& path : objects) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) continue;
    const ssize_t got = ::pread(fd, buffer.data(), 1024, 0);
    const ssize_t flags = ::fgetxattr(fd, "user.pax.flags", buffer.data(), 8);
    bytes += static_cast<std::size_t>(got > 0 ? got : 0) + static_cast<std::size_t>(flags > 0 ? flags : 0);
    ::close(fd);
  }
  std::printf("%zu objects, %zu databases, %zu bytes\n", objects.size(), databases.size(), bytes);
  return 0;
}
