// A directory that goes away with its test, and whole-file reads and writes in it. Failures throw: a test cannot go on.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace revdep::support {

class TempDir {
 public:
  /// Below `base`. /var/tmp and not /tmp: a tmpfs may have no user xattrs.
  explicit TempDir(const std::filesystem::path& base = "/var/tmp");
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::string string() const { return path_.string(); }
  /// `name` inside it; a leading slash counts from the directory.
  std::filesystem::path operator/(std::string_view name) const;

 private:
  std::filesystem::path path_;
};

/// Creates or replaces the content of `path`; parent directories are made. The mode is set whatever the umask.
void write_file(const std::filesystem::path& path, std::string_view content, unsigned mode = 0644);
void write_file(const std::filesystem::path& path, std::span<const std::byte> content, unsigned mode = 0644);

std::string read_file(const std::filesystem::path& path);
std::vector<std::byte> read_bytes(const std::filesystem::path& path);

}  // namespace revdep::support
