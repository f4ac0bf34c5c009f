#include "base/secure_open.h"

#include <fcntl.h>

#include <cerrno>
#include <optional>
#include <vector>

namespace revdep::base {
namespace {

// nullopt: not a canonical path.
std::optional<std::vector<std::string>> split_components(std::string_view canonical) {
  if (!canonical.starts_with('/') || canonical.find('\0') != std::string_view::npos) return std::nullopt;
  std::vector<std::string> components;
  while (!canonical.empty()) {
    canonical.remove_prefix(1);
    const std::string_view component = canonical.substr(0, canonical.find('/'));
    if (component.empty() || component == "." || component == "..") return std::nullopt;
    components.emplace_back(component);
    canonical.remove_prefix(component.size());
  }
  return components;
}

std::string describe_owner(uid_t owner) { return "belongs to user " + std::to_string(owner) + ", not to root"; }

class Walk {
 public:
  Walk(const Tree& tree, std::string_view canonical, Owners owners)
      : shown_(tree.prefix() + std::string(canonical)), owners_(owners), so_far_(tree.prefix()) {}

  Result<SecureDirectory> open(int root, std::string_view canonical) {
    const auto components = split_components(canonical);
    if (!components) return fail("not a canonical path");
    SecureDirectory here{Fd(::openat(root, ".", O_PATH | O_DIRECTORY | O_CLOEXEC)), components->back(), {}, 0};
    if (!here.fd) return system_error("open", shown_, errno);
    if (auto error = check(here)) return *error;
    for (auto component = components->begin(); component + 1 != components->end(); ++component) {
      so_far_ += '/' + *component;
      here.fd = Fd(::openat(here.fd.get(), component->c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
      if (!here.fd) return system_error("open", shown_, errno);
      if (auto error = check(here)) return *error;
    }
    return here;
  }

  [[nodiscard]] Error fail(std::string reason) const { return {"open", shown_, std::move(reason)}; }

 private:
  std::optional<Error> check(SecureDirectory& here) {
    const std::string directory = "its directory " + (so_far_.empty() ? "/" : so_far_) + ' ';
    if (::fstat(here.fd.get(), &here.status) != 0) return system_error("open", shown_, errno);
    if (S_ISLNK(here.status.st_mode)) return fail(directory + "is a symlink");
    if (!S_ISDIR(here.status.st_mode)) return fail(directory + "is no directory");
    if ((here.status.st_mode & (S_IWGRP | S_IWOTH)) != 0) return fail(directory + "is writable by group or others");
    const uid_t owner = here.status.st_uid;
    if (owner == 0) return std::nullopt;
    if (owners_ == Owners::root_only) return fail(directory + describe_owner(owner));
    if (here.owner != 0 && here.owner != owner) return fail(directory + "belongs to another user than those above it");
    here.owner = owner;
    return std::nullopt;
  }

  std::string shown_;
  Owners owners_;
  std::string so_far_;
};

std::optional<std::string> find_fault(const struct stat& file, uid_t directories, Owners owners) {
  if (S_ISLNK(file.st_mode)) return "it is a symlink";
  if (!S_ISREG(file.st_mode)) return "it is no regular file";
  if (owners == Owners::root_only && file.st_uid != 0) return "it " + describe_owner(file.st_uid);
  if (directories != 0 && directories != file.st_uid) {
    return "a directory on the way belongs to user " + std::to_string(directories) + ", the file to user " +
           std::to_string(file.st_uid);
  }
  return std::nullopt;
}

}  // namespace

Fd reopen(int fd, int flags) {
  return Fd(::open(("/proc/self/fd/" + std::to_string(fd)).c_str(), flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

Result<SecureDirectory> open_secure_directory(const Tree& tree, std::string_view canonical, Owners owners) {
  return Walk(tree, canonical, owners).open(tree.descriptor(), canonical);
}

Result<SecureFile> open_secure(const Tree& tree, std::string_view canonical, Owners owners) {
  Walk walk(tree, canonical, owners);
  Result<SecureDirectory> directory = walk.open(tree.descriptor(), canonical);
  if (!directory) return directory.error();
  SecureFile opened{std::move(directory->fd), {}, std::move(directory->name), {}};
  // Looked at through O_PATH first, which neither waits for a FIFO nor touches a device.
  const Fd found(::openat(opened.directory.get(), opened.name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!found || ::fstat(found.get(), &opened.status) != 0) return walk.fail(system_error("", "", errno).reason);
  if (auto fault = find_fault(opened.status, directory->owner, owners)) return walk.fail(std::move(*fault));
  opened.file = reopen(found.get(), O_RDONLY);
  if (!opened.file) return walk.fail(system_error("", "", errno).reason);
  return opened;
}

}  // namespace revdep::base
