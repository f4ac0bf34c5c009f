#include "migrate/apply.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

#include "elf/marking_reader.h"
#include "migrate/inode.h"
#include "migrate/overlay.h"
#include "migrate/replace_file.h"

namespace revdep::migrate {
namespace {

using Failure = std::optional<base::Error>;

constexpr const char* edit_header = "change the PT_PAX header of";

std::string reason_of(int error) {
  if (error == ENOTSUP) return "its filesystem has no user extended attributes";
  return base::system_error("", "", error).reason;
}

std::string edit_xattr(const std::optional<std::string>& value) {
  return value ? std::string("set ") + pax::xattr_name + " on" : std::string("remove ") + pax::xattr_name + " from";
}

std::string action_of(const Edit& edit) {
  if (edit.before.header == edit.after.header) return edit_xattr(edit.after.xattr);
  return edit.before.xattr == edit.after.xattr ? edit_header : "change the markings of";
}

std::array<char, 4> encode(std::uint32_t p_flags, elf::ByteOrder order) {
  std::array<char, 4> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::size_t at = order == elf::ByteOrder::little ? i : bytes.size() - 1 - i;
    bytes[at] = static_cast<char>(p_flags >> (8 * i) & 0xffU);
  }
  return bytes;
}

// One edit of one file that is open and still is what it was when the edit was decided.
class FileEdit {
 public:
  FileEdit(const Edit& edit, base::SecureFile file, elf::Head head, std::string shown)
      : edit_(edit),
        file_(std::move(file)),
        head_(std::move(head)),
        shown_(std::move(shown)),
        lower_layer_(is_on_lower_layer(file_.file.get())) {}

  base::Result<Applied> run() {
    if (auto fault = find_edit_fault(fd())) return refused(*fault);
    if (!edits_header()) {
      if (auto error = put_xattr(edit_.before.xattr, edit_.after.xattr)) return *error;
      return applied(Applied::How::in_place);
    }
    if (auto fault = find_content_fault(fd())) return refused(*fault);
    const std::string unfit = unfit_in_place();
    const bool alone = file_.status.st_nlink == 1;
    if (alone && (edits_xattr() || !unfit.empty())) return replace();
    if (!unfit.empty()) return refused("it has several names, and " + unfit);
    base::Fd writable = open_for_writing();
    if (!writable && errno == ETXTBSY) return alone ? replace() : base::Result<Applied>(busy());
    if (!writable) return failed(edit_header, errno);
    if (!edits_xattr()) return finish(put_header(std::move(writable), *edit_.after.header), Applied::How::in_place);
    writable.reset();
    return finish(step_by_step(), Applied::How::step_by_step);
  }

 private:
  [[nodiscard]] int fd() const { return file_.file.get(); }
  [[nodiscard]] bool edits_header() const { return edit_.before.header != edit_.after.header; }
  [[nodiscard]] bool edits_xattr() const { return edit_.before.xattr != edit_.after.xattr; }

  [[nodiscard]] base::Error failed(std::string_view action, int error) const {
    return {std::string(action), shown_, reason_of(error)};
  }
  [[nodiscard]] base::Error refused(std::string reason) const { return {action_of(edit_), shown_, std::move(reason)}; }
  [[nodiscard]] base::Error busy() const {
    return refused("it is running and has several names; tried again next time");
  }

  // Why a new file has to take its place; empty: nothing.
  [[nodiscard]] std::string unfit_in_place() const {
    if (head_.pax->flags_offset % 4 != 0) return "its p_flags lies unaligned";
    if (has_xattr(fd(), "security.capability")) return "a write would drop its capabilities";
    const bool set_id = (file_.status.st_mode & (S_ISUID | S_ISGID)) != 0;
    if (set_id && ::geteuid() != 0) return "a write would drop its set-uid or set-gid bit";
    return {};
  }

  base::Result<Applied> replace() {
    const HeaderPatch header{head_.pax->flags_offset, encode(*edit_.after.header, head_.abi.order)};
    auto unsynced = replace_file(file_, {header, edit_.after.xattr}, shown_);
    if (!unsynced) return unsynced.error();
    return Applied{Applied::How::replaced, lower_layer_, std::move(*unsynced)};
  }

  [[nodiscard]] Applied applied(Applied::How how) const { return {how, lower_layer_, std::nullopt}; }

  base::Result<Applied> finish(const Failure& failure, Applied::How how) {
    if (!failure) return applied(how);
    base::Error error = *failure;
    if (const Failure second = go_back()) {
      error.reason += "; it could not be put back (" + second->reason + ") and may have a part of the change";
    }
    return error;
  }

  // Each step is on the disk before the next: a crash must not find the old xattr beside the new header.
  Failure step_by_step() {
    if (edit_.before.xattr) {
      if (auto error = put_xattr(edit_.before.xattr, std::nullopt)) return error;
      if (::fsync(fd()) != 0) return failed(edit_xattr(std::nullopt), errno);
    }
    base::Fd writable = open_for_writing();
    if (!writable) return errno == ETXTBSY ? busy() : failed(edit_header, errno);
    if (auto error = put_header(std::move(writable), *edit_.after.header)) return error;
    if (!edit_.after.xattr) return std::nullopt;
    return put_xattr(std::nullopt, edit_.after.xattr);
  }

  // The header first: the old xattr beside the new header could be refused.
  Failure go_back() {
    std::array<char, 4> now{};
    const std::array<char, 4> old = encode(*edit_.before.header, head_.abi.order);
    const auto offset = static_cast<off_t>(head_.pax->flags_offset);
    const bool known = ::pread(fd(), now.data(), now.size(), offset) == static_cast<ssize_t>(now.size());
    if (!known || now != old) {
      base::Fd writable = open_for_writing();
      if (!writable) return failed(edit_header, errno);
      if (auto error = put_header(std::move(writable), *edit_.before.header)) return error;
    }
    if (!edit_.before.xattr || has_xattr(fd(), pax::xattr_name)) return std::nullopt;
    return put_xattr(std::nullopt, edit_.before.xattr);
  }

  [[nodiscard]] base::Fd open_for_writing() const { return base::reopen(fd(), O_WRONLY); }

  // Closed before the sync: while it is open for writing nobody can run the file.
  Failure put_header(base::Fd writable, std::uint32_t p_flags) {
    const std::array<char, 4> bytes = encode(p_flags, head_.abi.order);
    const auto offset = static_cast<off_t>(head_.pax->flags_offset);
    const ssize_t written = ::pwrite(writable.get(), bytes.data(), bytes.size(), offset);
    if (written != static_cast<ssize_t>(bytes.size())) return failed(edit_header, written < 0 ? errno : EIO);
    const timespec times[] = {file_.status.st_atim, file_.status.st_mtim};
    if (::futimens(writable.get(), times) != 0) return failed("put back the times of", errno);
    writable.reset();
    if (::fdatasync(fd()) != 0) return failed(edit_header, errno);
    return std::nullopt;
  }

  Failure put_xattr(const std::optional<std::string>& from, const std::optional<std::string>& to) {
    const int flags = from ? XATTR_REPLACE : XATTR_CREATE;
    const int result =
        to ? ::fsetxattr(fd(), pax::xattr_name, to->data(), to->size(), flags) : ::fremovexattr(fd(), pax::xattr_name);
    if (result == 0) return std::nullopt;
    const bool changed = errno == EEXIST || errno == ENODATA;
    if (changed) return base::Error{edit_xattr(to), shown_, "its marking changed meanwhile"};
    return failed(edit_xattr(to), errno);
  }

  const Edit& edit_;
  base::SecureFile file_;
  elf::Head head_;
  std::string shown_;
  bool lower_layer_;
};

base::Result<FileEdit> open_edit(const base::Tree& tree, const Edit& edit, const std::string& name, Owners owners) {
  const std::string shown = tree.prefix() + name;
  const auto fail = [&](std::string reason) { return base::Error{action_of(edit), shown, std::move(reason)}; };
  base::Result<base::SecureFile> file = base::open_secure(tree, name, owners);
  if (!file) return fail(file.error().reason);
  if (file->status.st_dev != edit.device || file->status.st_ino != edit.inode) {
    return fail("it was replaced meanwhile");
  }
  base::Result<elf::Head> head = elf::parse_head(elf::FileSource(file->file.get()), shown);
  if (!head) return fail(head.error().reason);
  const base::Result<pax::Stores> now = elf::read_stores(file->file.get(), *head, shown);
  if (!now) return fail(now.error().reason);
  if (*now != edit.before) return fail("its marking changed meanwhile");
  return FileEdit(edit, std::move(*file), std::move(*head), shown);
}

}  // namespace

base::Result<Applied> apply_edit(const base::Tree& tree, const Edit& edit, Owners owners) {
  const std::string first = edit.names.empty() ? "" : edit.names.front();
  if (edit.before == edit.after) return Applied{};
  if (edit.before.header.has_value() != edit.after.header.has_value() || edit.before.ei_pax != edit.after.ei_pax) {
    return base::Error{action_of(edit), tree.prefix() + first,
                       "a header is neither added nor removed, and EI_PAX is not written"};
  }
  Failure failure;
  for (const std::string& name : edit.names) {
    base::Result<FileEdit> opened = open_edit(tree, edit, name, owners);
    if (opened) return opened->run();
    if (!failure) failure = opened.error();
  }
  return failure.value_or(base::Error{action_of(edit), tree.prefix() + first, "it has no name"});
}

std::vector<pax::Stores> intermediate_stores(const Edit& edit) {
  if (edit.before.xattr == edit.after.xattr || edit.before.header == edit.after.header) return {};
  std::vector<pax::Stores> stores;
  for (const pax::Stores& end : {edit.before, edit.after}) {
    if (!end.xattr) continue;  // then that state is the edit's own beginning or end
    stores.push_back(end);
    stores.back().xattr.reset();
  }
  return stores;
}

std::string temporary_name(std::string_view name) {
  const auto [directory, base] = base::split_path(name);
  return base::join_path(directory, temporary_base_name(base));
}

std::optional<base::Error> remove_left_over(const base::Tree& tree, std::string_view name) {
  const std::string temporary = temporary_name(name);
  const auto directory = base::open_secure_directory(tree, temporary, Owners::any);
  const std::string shown = tree.prefix() + temporary;
  if (!directory) {
    if (tree.status(temporary).ok()) return base::Error{"remove", shown, directory.error().reason};
    return std::nullopt;
  }
  const base::Result<struct stat> target = tree.status(name);
  const uid_t owner = target ? target->st_uid : directory->owner;
  const int error = remove_temporary(directory->fd.get(), directory->name, owner);
  if (error == EEXIST) return base::Error{"remove", shown, "it is no left-over of an edit"};
  if (error != 0) return base::system_error("remove", shown, error);
  return std::nullopt;
}

}  // namespace revdep::migrate
