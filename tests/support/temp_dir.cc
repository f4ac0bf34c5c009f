#include "support/temp_dir.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include "base/fd.h"

namespace revdep::support {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path) {
  throw std::system_error(errno, std::generic_category(), path.string());
}

}  // namespace

TempDir::TempDir(const std::filesystem::path& base) {
  std::string name = (base / "revdep-pax-test.XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) fail(name);
  path_ = std::filesystem::canonical(name);
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path TempDir::operator/(std::string_view name) const {
  while (name.starts_with('/')) name.remove_prefix(1);
  return path_ / name;
}

void write_file(const std::filesystem::path& path, std::span<const std::byte> content, unsigned mode) {
  base::Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd && errno == ENOENT) {
    std::filesystem::create_directories(path.parent_path());
    fd = base::Fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  }
  if (!fd) fail(path);
  while (!content.empty()) {
    const ssize_t written = ::write(fd.get(), content.data(), content.size());
    if (written < 0) fail(path);
    content = content.subspan(static_cast<std::size_t>(written));
  }
  if (::fchmod(fd.get(), static_cast<mode_t>(mode)) != 0) fail(path);
}

void write_file(const std::filesystem::path& path, std::string_view content, unsigned mode) {
  write_file(path, std::as_bytes(std::span(content.data(), content.size())), mode);
}

std::vector<std::byte> read_bytes(const std::filesystem::path& path) {
  const base::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) fail(path);
  std::vector<std::byte> bytes;
  std::byte chunk[65536];
  while (true) {
    const ssize_t got = ::read(fd.get(), chunk, sizeof chunk);
    if (got < 0) fail(path);
    if (got == 0) return bytes;
    bytes.insert(bytes.end(), chunk, chunk + got);
  }
}

std::string read_file(const std::filesystem::path& path) {
  const std::vector<std::byte> bytes = read_bytes(path);
  std::string text(bytes.size(), '\0');
  if (!bytes.empty()) std::memcpy(text.data(), bytes.data(), bytes.size());
  return text;
}

}  // namespace revdep::support
