#include "vdb/database.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include "base/tree.h"

namespace revdep::vdb {
namespace {

// Far beyond any CONTENTS (that of a kernel's sources has 10 MB).
constexpr std::size_t file_limit = std::size_t{64} * 1024 * 1024;

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using DirectoryStream = std::unique_ptr<DIR, CloseDirectory>;

// What openat says of a package's file, or of a directory, that is not there (any more).
bool means_absent(int error_number) { return error_number == ENOENT || error_number == ENOTDIR; }

bool is_directory(int parent, const dirent& item) {
  if (item.d_type != DT_UNKNOWN) return item.d_type == DT_DIR;
  struct stat status {};
  return ::fstatat(parent, item.d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
}

// The directories in `name` of `parent` that the database's rules let count. `shown`: its path, for messages.
std::vector<std::string> list_directories(int parent, const std::string& name, const std::string& shown,
                                          std::vector<base::Error>& problems) {
  std::vector<std::string> names;
  base::Fd fd(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) {
    if (!means_absent(errno)) problems.push_back(base::system_error("list", shown, errno));
    return names;
  }
  const DirectoryStream stream(::fdopendir(fd.get()));
  if (!stream) {
    problems.push_back(base::system_error("list", shown, errno));
    return names;
  }
  const int listed = fd.release();
  while (true) {
    errno = 0;
    const dirent* const item = ::readdir(stream.get());
    if (item == nullptr) break;
    if (is_database_name(item->d_name) && is_directory(listed, *item)) names.emplace_back(item->d_name);
  }
  if (errno != 0 && !means_absent(errno)) problems.push_back(base::system_error("list", shown, errno));
  std::sort(names.begin(), names.end());
  return names;
}

// A single-field file's one line.
std::string without_newline(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace

bool is_database_name(std::string_view name) { return !name.starts_with('.') && !name.starts_with("-MERGING-"); }

std::string to_string(const PackageName& name) { return name.category + '/' + name.pf; }

base::Result<Database> Database::open(const std::string& path) {
  base::Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return base::system_error("open package database", path, errno);
  return Database(path, std::move(fd));
}

std::vector<PackageName> Database::list(std::vector<base::Error>& problems) const {
  std::vector<PackageName> packages;
  for (const std::string& category : list_categories(problems)) {
    for (std::string& pf : list_category(category, problems)) packages.push_back({category, std::move(pf)});
  }
  return packages;
}

std::vector<std::string> Database::list_categories(std::vector<base::Error>& problems) const {
  return list_directories(directory_.get(), ".", path_, problems);
}

std::vector<std::string> Database::list_category(const std::string& category,
                                                 std::vector<base::Error>& problems) const {
  return list_directories(directory_.get(), category, base::join_path(path_, category), problems);
}

std::optional<std::int64_t> Database::mtime_ns(const PackageName& package) const {
  struct stat status {};
  const int failed = ::fstatat(directory_.get(), to_string(package).c_str(), &status, AT_SYMLINK_NOFOLLOW);
  if (failed != 0 || !S_ISDIR(status.st_mode)) return std::nullopt;
  return std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
}

base::Result<std::optional<std::string>> Database::read(const PackageName& package, std::string_view file) const {
  const std::string relative = base::join_path(to_string(package), file);
  const auto shown = [&] { return base::join_path(path_, relative); };
  const base::Fd fd(::openat(directory_.get(), relative.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (!fd) {
    if (means_absent(errno)) return std::optional<std::string>();
    if (errno == ELOOP) return base::Error{"read", shown(), "is a symbolic link"};
    return base::system_error("read", shown(), errno);
  }
  base::Result<std::string> text = base::read_all(fd.get(), file_limit, shown());
  if (text) return std::optional<std::string>(*std::move(text));
  return text.error();
}

Metadata Database::read_metadata(const PackageName& package, std::vector<base::Error>& problems) const {
  const auto read_or_report = [&](std::string_view file) -> std::optional<std::string> {
    base::Result<std::optional<std::string>> text = read(package, file);
    if (text) return *std::move(text);
    problems.push_back(text.error());
    return std::nullopt;
  };

  if (const std::optional<std::string> text = read_or_report("metadata")) {
    if (const std::optional<std::int64_t> stamp = mtime_ns(package)) {
      if (std::optional<Metadata> metadata = parse_metadata(*text, *stamp)) return *std::move(metadata);
    }
  }
  const auto field = [&](std::string_view file) { return without_newline(read_or_report(file).value_or("")); };
  return {field("SLOT"), field("KEYWORDS"), field("CHOST"), field("repository")};
}

}  // namespace revdep::vdb
