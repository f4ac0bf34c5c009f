#include "migrate/journal_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <vector>

#include "base/tree.h"

namespace revdep::migrate {
namespace {

constexpr const char* action = "open the journal";
constexpr mode_t directory_mode = 0755;
constexpr mode_t file_mode = 0644;

// nullptr, or what keeps us from trusting it.
const char* distrust(const struct stat& status) {
  if (status.st_uid != 0) return "is not root's";
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) return "is writable by others than root";
  return nullptr;
}

// Makes `name` in `parent`, durably. Gives its descriptor; EEXIST when someone was faster.
base::Fd make_directory(int parent, const std::string& name) {
  if (::mkdirat(parent, name.c_str(), directory_mode) != 0) return {};
  base::Fd made(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!made || ::fchmod(made.get(), directory_mode) != 0 || ::fsync(parent) != 0) return {};
  return made;
}

// Invalid with errno set when it cannot be had.
base::Fd open_directory(const std::string& path, Journal::Access access) {
  constexpr int flags = O_DIRECTORY | O_CLOEXEC;
  if (access == Journal::Access::read) return base::Fd(::open(path.c_str(), O_PATH | flags));
  std::string existing = path;
  std::vector<std::string> missing;
  base::Fd directory(::open(existing.c_str(), O_RDONLY | flags));
  while (!directory && errno == ENOENT && existing.size() > 1) {
    const auto [parent, name] = base::split_path(existing);
    missing.emplace_back(name);
    existing = std::string(parent);
    directory = base::Fd(::open(existing.c_str(), O_RDONLY | flags));
  }
  for (; directory && !missing.empty(); missing.pop_back()) {
    base::Fd made = make_directory(directory.get(), missing.back());
    if (!made && errno == EEXIST) made = base::Fd(::openat(directory.get(), missing.back().c_str(), O_RDONLY | flags));
    directory = std::move(made);
  }
  return directory;
}

// errno, or 0.
int create_file(int directory, const std::string& name) {
  const base::Fd file(::openat(directory, name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, file_mode));
  if (!file) return errno == EEXIST ? 0 : errno;
  return ::fchmod(file.get(), file_mode) == 0 ? 0 : errno;
}

}  // namespace

base::Result<JournalFile> open_journal_file(const std::string& path, Journal::Access access) {
  const auto fail = [&path](const std::string& reason) { return base::Error{action, path, reason}; };
  const bool writes = access == Journal::Access::write;
  if (path.find('\0') != std::string::npos) return fail("its name has a NUL in it");
  if (writes && ::geteuid() != 0) return fail("only root can write to it");

  JournalFile found;
  const std::string full = path.starts_with('/') ? path : "./" + path;
  const auto [parent, name] = base::split_path(full);
  found.name = name;
  if (found.name.empty()) return fail("no file name");
  found.directory = open_directory(std::string(parent), access);
  if (!found.directory) {
    if (!writes && errno == ENOENT) return found;
    return base::system_error(action, path, errno);
  }
  const int directory = found.directory.get();
  struct stat status {};
  if (::fstat(directory, &status) != 0) return base::system_error(action, path, errno);
  if (const char* const reason = distrust(status)) return fail(std::string("its directory ") + reason);

  // From here on only root can exchange one for another: names in the directory are as good as descriptors.
  const auto look = [&](const std::string& file) {
    return ::fstatat(directory, file.c_str(), &status, AT_SYMLINK_NOFOLLOW);
  };
  int seen = look(found.name);
  if (seen != 0 && errno == ENOENT && writes) {
    if (const int error = create_file(directory, found.name)) return base::system_error(action, path, error);
    seen = look(found.name);
  }
  if (seen != 0) {
    if (!writes && errno == ENOENT) return found;
    return base::system_error(action, path, errno);
  }
  if (!S_ISREG(status.st_mode)) return fail("not a regular file");
  if (const char* const reason = distrust(status)) return fail(std::string("it ") + reason);
  // What SQLite puts into the database when a killed run left it. (-wal is never ours, but would be.)
  for (const char* const suffix : {"-journal", "-wal"}) {
    const std::string beside = found.name + suffix;
    if (look(beside) != 0) continue;
    if (!S_ISREG(status.st_mode)) return fail(beside + " is not a regular file");
    if (const char* const reason = distrust(status)) return fail(beside + " " + reason);
  }
  found.exists = true;
  return found;
}

}  // namespace revdep::migrate
