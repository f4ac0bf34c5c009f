#include "migrate/replace_file.h"

#include <attr/error_context.h>
#include <attr/libattr.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

#include "migrate/copy_content.h"
#include "migrate/inode.h"
#include "pax/marking.h"

namespace revdep::migrate {
namespace {

bool is_same_time(const timespec& a, const timespec& b) { return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec; }

// Gone again unless it was renamed.
class TemporaryFile {
 public:
  TemporaryFile(int directory, std::string name) : directory_(directory), name_(std::move(name)) {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (exists_) ::unlinkat(directory_, name_.c_str(), 0);
  }

  // Mode 0 until it has its owner.
  bool create() {
    fd_ = base::Fd(::openat(directory_, name_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0));
    exists_ = fd_.valid();
    return exists_;
  }
  // Nothing may hold it open for writing once it can be run.
  bool rename_to(const std::string& name) {
    fd_.reset();
    if (::renameat(directory_, name_.c_str(), directory_, name.c_str()) != 0) return false;
    exists_ = false;
    return true;
  }
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  int directory_;
  std::string name_;
  base::Fd fd_;
  bool exists_ = false;
};

// libattr tells what went wrong through a callback, with errno still set.
void note_error(error_context* context, const char* format, ...);

struct FirstError : error_context {
  FirstError() : error_context{note_error, nullptr, nullptr} {}
  int number = 0;
};

void note_error(error_context* context, const char* /*format*/, ...) {
  auto& first = static_cast<FirstError&>(*context);
  if (first.number == 0) first.number = errno;
}

int is_copied(const char* name, error_context* /*context*/) {
  const std::string_view xattr = name;
  return xattr != pax::xattr_name && xattr != "security.ima" && xattr != "security.evm" ? 1 : 0;
}

class Replacement {
 public:
  Replacement(const base::SecureFile& original, const NewStores& stores, const std::string& shown)
      : original_(original),
        stores_(stores),
        shown_(shown),
        temporary_name_(temporary_base_name(original.name)),
        copy_(original.directory.get(), temporary_name_) {}

  base::Result<Unsynced> run() {
    if (auto error = create()) return *error;
    if (auto error = fill()) return *error;
    if (auto error = dress()) return *error;
    if (auto error = check_copy()) return *error;
    if (::fsync(copy_.fd()) != 0) return failed("sync the copy", errno);
    if (auto error = check_original()) return *error;
    if (!copy_.rename_to(original_.name)) return failed("rename the copy", errno);
    const base::Fd directory(::openat(original_.directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory && ::fsync(directory.get()) == 0) return Unsynced();
    return Unsynced(base::system_error("sync the directory of", shown_, errno));
  }

 private:
  using Failure = std::optional<base::Error>;

  [[nodiscard]] base::Error failed(const std::string& step, int error) const {
    return {"replace", shown_, "cannot " + step + ": " + base::system_error("", "", error).reason};
  }
  [[nodiscard]] base::Error refused(std::string reason) const { return {"replace", shown_, std::move(reason)}; }

  Failure create() {
    if (copy_.create()) return std::nullopt;
    // What a killed run left. Only one that writes runs at a time.
    if (errno == EEXIST) {
      const int error = remove_temporary(original_.directory.get(), temporary_name_, original_.status.st_uid);
      if (error == 0 && copy_.create()) return std::nullopt;
      if (error != 0) errno = error;
    }
    return failed("create " + temporary_name_ + " beside it", errno);
  }

  Failure fill() {
    const int error = copy_content(original_.file.get(), copy_.fd(), original_.status.st_size);
    if (error != 0) return failed("copy its content", error);
    const auto& bytes = stores_.header.bytes;
    const ssize_t written = ::pwrite(copy_.fd(), bytes.data(), bytes.size(), static_cast<off_t>(stores_.header.offset));
    if (written == static_cast<ssize_t>(bytes.size())) return std::nullopt;
    return failed("change the copy's PT_PAX header", written < 0 ? errno : EIO);
  }

  // In an order in which nothing undoes what stands: a chown takes set-uid bits and capabilities away, and an ACL may
  // be inherited from the directory.
  Failure dress() {
    const struct stat& old = original_.status;
    if (::fchown(copy_.fd(), old.st_uid, old.st_gid) != 0) return failed("give the copy its owner", errno);
    if (auto error = drop_inherited()) return error;
    if (::fchmod(copy_.fd(), old.st_mode & 07777U) != 0) return failed("give the copy its mode", errno);
    FirstError first;
    const int copied =
        ::attr_copy_fd(shown_.c_str(), original_.file.get(), temporary_name_.c_str(), copy_.fd(), is_copied, &first);
    if (copied != 0) return failed("copy its extended attributes", first.number != 0 ? first.number : EIO);
    if (stores_.xattr &&
        ::fsetxattr(copy_.fd(), pax::xattr_name, stores_.xattr->data(), stores_.xattr->size(), 0) != 0) {
      return failed(std::string("set ") + pax::xattr_name + " on the copy", errno);
    }
    const timespec times[] = {old.st_atim, old.st_mtim};
    if (::futimens(copy_.fd(), times) != 0) return failed("give the copy its times", errno);
    return std::nullopt;
  }

  // The directory's default ACL gives a new file what the old one need not have.
  Failure drop_inherited() {
    constexpr const char* access_acl = "system.posix_acl_access";
    if (!has_xattr(copy_.fd(), access_acl) || has_xattr(original_.file.get(), access_acl)) return std::nullopt;
    if (::fremovexattr(copy_.fd(), access_acl) == 0 || errno == ENODATA) return std::nullopt;
    return failed("take an inherited ACL off the copy", errno);
  }

  Failure check_copy() {
    const struct stat& old = original_.status;
    struct stat copy {};
    if (::fstat(copy_.fd(), &copy) != 0) return failed("look at the copy", errno);
    if (copy.st_uid != old.st_uid || copy.st_gid != old.st_gid || copy.st_mode != old.st_mode ||
        copy.st_size != old.st_size || !is_same_time(copy.st_mtim, old.st_mtim)) {
      return refused("the copy's owner, mode, size or time would differ");
    }
    if (read_xattr(copy_.fd(), "security.selinux") != read_xattr(original_.file.get(), "security.selinux")) {
      return refused("the copy's SELinux label would differ");
    }
    return std::nullopt;
  }

  // Its ctime tells of every change of content and attributes since it was opened.
  Failure check_original() {
    const struct stat& old = original_.status;
    struct stat now {};
    if (::fstat(original_.file.get(), &now) != 0) return failed("look at it again", errno);
    if (!is_same_time(now.st_ctim, old.st_ctim) || now.st_nlink != 1) return refused("it changed meanwhile");
    if (::fstatat(original_.directory.get(), original_.name.c_str(), &now, AT_SYMLINK_NOFOLLOW) != 0) {
      return failed("look at it again", errno);
    }
    if (now.st_dev != old.st_dev || now.st_ino != old.st_ino) return refused("it was replaced meanwhile");
    return std::nullopt;
  }

  const base::SecureFile& original_;
  const NewStores& stores_;
  const std::string& shown_;
  std::string temporary_name_;
  TemporaryFile copy_;
};

}  // namespace

base::Result<Unsynced> replace_file(const base::SecureFile& original, const NewStores& stores,
                                    const std::string& shown) {
  return Replacement(original, stores, shown).run();
}

std::string temporary_base_name(std::string_view name) {
  constexpr std::string_view ending = ".revdep-pax";
  std::string temporary(1, '.');
  temporary += name.substr(0, NAME_MAX - 1 - ending.size());
  temporary += ending;
  return temporary;
}

int remove_temporary(int directory, const std::string& temporary, uid_t owner) {
  struct stat found {};
  struct stat parent {};
  if (::fstatat(directory, temporary.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) return errno == ENOENT ? 0 : errno;
  if (::fstat(directory, &parent) != 0) return errno;
  const bool ours = found.st_uid == 0 || found.st_uid == owner || found.st_uid == parent.st_uid;
  if (!S_ISREG(found.st_mode) || !ours) return EEXIST;
  return ::unlinkat(directory, temporary.c_str(), 0) == 0 || errno == ENOENT ? 0 : errno;
}

}  // namespace revdep::migrate
