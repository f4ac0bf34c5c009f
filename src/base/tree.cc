#include "base/tree.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <utility>

#include "base/image.h"

namespace revdep::base {
namespace {

// The kernel's own limit on symlinks in one resolution.
constexpr int symlink_limit = 40;

FileKind kind_of(mode_t mode) {
  if (S_ISREG(mode)) return FileKind::regular;
  if (S_ISDIR(mode)) return FileKind::directory;
  if (S_ISLNK(mode)) return FileKind::symlink;
  return FileKind::other;
}

FileKind kind_of_type(unsigned char type) {
  switch (type) {
    case DT_REG:
      return FileKind::regular;
    case DT_DIR:
      return FileKind::directory;
    case DT_LNK:
      return FileKind::symlink;
    default:
      return FileKind::other;
  }
}

// A canonical path as openat's argument beside the root's descriptor.
std::string relative(std::string_view canonical) {
  while (canonical.starts_with('/')) canonical.remove_prefix(1);
  return canonical.empty() ? "." : std::string(canonical);
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using DirectoryStream = std::unique_ptr<DIR, CloseDirectory>;

}  // namespace

std::pair<std::string_view, std::string_view> split_path(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return {"/", path};
  return {slash == 0 ? path.substr(0, 1) : path.substr(0, slash), path.substr(slash + 1)};
}

std::string join_path(std::string_view directory, std::string_view name) {
  std::string path;
  path.reserve(directory.size() + name.size() + 1);
  path += directory;
  if (!path.ends_with('/')) path += '/';
  path += name;
  return path;
}

Result<std::string> read_all(int fd, std::size_t limit, std::string_view name) {
  std::string text;
  struct stat status {};
  if (::fstat(fd, &status) != 0) return system_error("read", name, errno);
  if (!S_ISREG(status.st_mode)) return Error{"read", std::string(name), "not a regular file"};
  if (status.st_size > 0 && static_cast<std::uint64_t>(status.st_size) > limit) {
    return Error{"read", std::string(name), "larger than " + std::to_string(limit) + " bytes"};
  }
  // One byte more than its size, so that the common case sees the end in one read.
  text.resize(static_cast<std::size_t>(status.st_size) + 1);
  std::size_t filled = 0;
  while (true) {
    const ssize_t got = ::read(fd, text.data() + filled, text.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("read", name, errno);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
    if (filled > limit) return Error{"read", std::string(name), "larger than " + std::to_string(limit) + " bytes"};
    if (filled == text.size()) {
      text.resize(text.size() * 2);
    } else if (filled == static_cast<std::size_t>(status.st_size)) {
      break;
    }
  }
  text.resize(filled);
  return text;
}

Result<Tree> Tree::open(const std::string& root) {
  std::string prefix = root;
  while (prefix.ends_with('/')) prefix.pop_back();
  Fd fd(::open(prefix.empty() ? "/" : prefix.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return system_error("open root", root, errno);
  return Tree(std::move(prefix), std::move(fd));
}

std::optional<Error> Tree::lay_over(const std::string& image) {
  auto read = Image::read(image, *this);
  if (!read) return read.error();
  image_ = std::make_shared<const Image>(std::move(*read));
  forget();
  return std::nullopt;
}

Tree::Place Tree::place(std::string_view canonical) const {
  const std::string* const over = image_ ? image_->find(canonical) : nullptr;
  return over != nullptr ? Place{image_->descriptor(), relative(*over)} : Place{root_.get(), relative(canonical)};
}

void Tree::forget() {
  listings_.clear();
  last_listed_ = nullptr;
  directories_.clear();
  steps_.clear();
}

Tree::Lookup Tree::ask(std::string_view directory, std::string_view name) const {
  if (name.find('\0') != std::string_view::npos) return {{}, ENOENT};
  struct stat status {};
  const Place here = place(join_path(directory, name));
  if (::fstatat(here.root, here.path.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return {{}, errno};
  return {{kind_of(status.st_mode), status.st_ino}, 0};
}

Tree::Listing& Tree::listing(std::string_view directory) {
  // Nearly every question is about the directory of the one before.
  if (last_listed_ == nullptr || last_listed_->first != directory) {
    auto found = listings_.find(directory);
    if (found == listings_.end()) {
      found = listings_.try_emplace(std::string(directory)).first;
      if (auto listed = ahead_ ? ahead_(directory) : std::nullopt) found->second = *std::move(listed);
    }
    last_listed_ = &*found;
  }
  return last_listed_->second;
}

bool Tree::for_each_entry(std::string_view directory,
                          const std::function<void(std::string_view, const Lookup&)>& use) const {
  if (image_) {
    for (const std::string& name : image_->names(directory)) use(name, ask(directory, name));
  }
  const int fd = ::openat(root_.get(), relative(directory).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return errno == ENOENT || errno == ENOTDIR;
  const DirectoryStream stream(::fdopendir(fd));
  if (!stream) {
    ::close(fd);
    return false;
  }
  while (true) {
    errno = 0;
    const dirent* const item = ::readdir(stream.get());
    if (item == nullptr) return errno == 0;
    const std::string_view name = item->d_name;
    if (name == "." || name == "..") continue;
    const DirectoryEntry entry{kind_of_type(item->d_type), item->d_ino};
    use(name, item->d_type == DT_UNKNOWN ? ask(directory, name) : Lookup{entry, 0});
  }
}

void Tree::read_listing(std::string_view directory, Listing& listing) const {
  const bool all = for_each_entry(directory, [&listing](std::string_view name, const Lookup& found) {
    const NameId id = listing.names.intern(name);
    if (id.index() == listing.entries.size()) listing.entries.push_back(found);
  });
  // What cannot be read to its end answers name by name instead.
  listing.known = all ? Listing::Known::all : Listing::Known::by_name_only;
}

Tree::Listing Tree::list_ahead(std::string_view directory, std::span<const std::string_view> names) const {
  Listing listing;
  read_listing(directory, listing);
  for (const std::string_view name : names) {
    const NameId id = listing.names.find(name);
    if (!id.valid() || listing.entries[id.index()].entry.kind != FileKind::symlink) continue;
    int error = 0;
    if (auto target = read_link(join_path(directory, name), error)) listing.links.emplace(id, *std::move(target));
  }
  return listing;
}

Tree::Lookup Tree::look_up(std::string_view directory, std::string_view name) {
  // A listing costs as much as a few questions by name, which is all that most directories are ever asked.
  constexpr std::size_t questions_by_name = 4;
  using Known = Listing::Known;
  Listing& listed = listing(directory);
  NameId id = listed.names.find(name);
  if (!id.valid() && listed.known == Known::by_name && listed.entries.size() >= questions_by_name) {
    read_listing(directory, listed);
    id = listed.names.find(name);
  }
  if (id.valid()) return listed.entries[id.index()];
  if (listed.known == Known::all) return {{}, name.size() > NAME_MAX ? ENAMETOOLONG : ENOENT};
  listed.names.intern(name);
  return listed.entries.emplace_back(ask(directory, name));
}

DirectoryEntry Tree::entry(std::string_view directory, std::string_view name) { return look_up(directory, name).entry; }

Result<std::vector<std::string>> Tree::list(std::string_view directory) {
  Listing& found = listing(directory);
  if (found.known == Listing::Known::by_name) read_listing(directory, found);
  if (found.known != Listing::Known::all) {
    const Fd again(::openat(root_.get(), relative(directory).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    return system_error("list", prefix_ + std::string(directory), again ? EIO : errno);
  }
  std::vector<std::string> names;
  names.reserve(found.names.size());
  for (std::uint32_t id = 0; id < found.names.size(); ++id) {
    if (found.entries[id].entry.kind != FileKind::missing) names.emplace_back(found.names.view(NameId{id}));
  }
  return names;
}

std::optional<std::string> Tree::read_link(std::string_view canonical, int& error) const {
  char target[PATH_MAX];
  const Place here = place(canonical);
  const ssize_t length = ::readlinkat(here.root, here.path.c_str(), target, sizeof target);
  if (length >= 0) return std::string(target, static_cast<std::size_t>(length));
  error = errno;
  return std::nullopt;
}

const std::string* Tree::link_target(std::string_view directory, std::string_view name, int& error) {
  Listing& listed = listing(directory);
  const NameId id = listed.names.find(name);
  const auto known = listed.links.find(id);
  if (known != listed.links.end()) return &known->second;
  std::optional<std::string> target = read_link(join_path(directory, name), error);
  return target ? &listed.links.emplace(id, *std::move(target)).first->second : nullptr;
}

const Tree::Directory& Tree::walk(std::string_view path) {
  if (const auto found = directories_.find(path); found != directories_.end()) return found->second;
  Directory here{"/", 0};
  std::size_t position = 0;
  // Most begin where another one was.
  for (std::size_t end = path.rfind('/'); end != std::string_view::npos && end > 0; end = path.rfind('/', end - 1)) {
    const auto found = directories_.find(path.substr(0, end));
    if (found == directories_.end()) continue;
    here = found->second;
    position = end + 1;
    break;
  }
  std::string rest(path);
  int links = 0;
  while (here.error == 0 && position < rest.size()) {
    const std::size_t end = std::min(rest.find('/', position), rest.size());
    const std::string name = rest.substr(position, end - position);
    position = end + 1;
    if (name.empty() || name == ".") continue;
    if (name == "..") {
      here.path = std::string(split_path(here.path).first);
      continue;
    }
    std::string step = join_path(here.path, name);
    if (const auto found = directories_.find(step); found != directories_.end()) {
      here = found->second;
      continue;
    }
    const Lookup found = look_up(here.path, name);
    const FileKind kind = found.entry.kind;
    if (kind == FileKind::directory) {
      here.path = step;
      directories_.emplace(std::move(step), here);
    } else if (kind == FileKind::symlink && ++links <= symlink_limit) {
      const std::string* const target = link_target(here.path, name, here.error);
      steps_.insert(std::move(step));
      if (target == nullptr) break;
      if (target->starts_with('/')) here.path.assign(1, '/');
      rest = position < rest.size() ? *target + '/' + rest.substr(position) : *target;
      position = 0;
    } else {
      here.error = kind == FileKind::missing ? found.error : kind == FileKind::symlink ? ELOOP : ENOTDIR;
      steps_.insert(std::move(step));
    }
  }
  // A canonical path was its own last step.
  if (const auto found = directories_.find(path); found != directories_.end()) return found->second;
  return directories_.emplace(std::string(path), std::move(here)).first->second;
}

const std::string* Tree::resolve_directory(std::string_view directory) {
  const Directory& found = walk(directory);
  return found.error == 0 ? &found.path : nullptr;
}

Tree::Resolved Tree::resolve(std::string_view path, std::vector<std::string>* through) {
  Resolved resolved = follow(path, 0, through);
  if (resolved.path.empty()) resolved.path = path;
  return resolved;
}

Tree::Resolved Tree::resolve(std::string_view directory, std::string_view name, std::vector<std::string>* through) {
  Resolved resolved = follow(directory, name, 0, through);
  if (resolved.path.empty()) resolved.path = join_path(directory, name);
  return resolved;
}

Tree::Resolved Tree::follow(std::string_view path, int links, std::vector<std::string>* through) {
  if (path.size() >= PATH_MAX) return {{}, FileKind::missing, ENAMETOOLONG};
  const auto [parent, name] = split_path(path);
  const bool is_directory = name.empty() || name == "." || name == "..";
  const Directory& found = walk(is_directory ? path : parent);
  if (found.error != 0) return {{}, FileKind::missing, found.error};
  return is_directory ? Resolved{found.path, FileKind::directory} : follow(found.path, name, links, through);
}

Tree::Resolved Tree::follow(std::string_view directory, std::string_view name, int links,
                            std::vector<std::string>* through) {
  for (; links <= symlink_limit; ++links) {
    const auto here = [&] { return join_path(directory, name); };
    const auto [found, missing] = look_up(directory, name);
    if (through != nullptr) through->push_back(here());
    if (found.kind != FileKind::symlink) return {here(), found.kind, missing, found.inode};
    int error = 0;
    const std::string* const target = link_target(directory, name, error);
    if (target == nullptr) return {here(), FileKind::missing, error};
    // Most lead to a neighbour.
    const bool is_neighbour = target->find('/') == std::string::npos && *target != "." && *target != "..";
    if (!is_neighbour || directory.size() + target->size() + 1 >= PATH_MAX) {
      return follow(target->starts_with('/') ? *target : join_path(directory, *target), links + 1, through);
    }
    name = *target;
  }
  return {{}, FileKind::missing, ELOOP};
}

Result<struct stat> Tree::status(std::string_view canonical) const {
  struct stat status {};
  const Place here = place(canonical);
  if (::fstatat(here.root, here.path.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    return system_error("stat", prefix_ + std::string(canonical), errno);
  }
  return status;
}

Result<Fd> Tree::open_file(std::string_view canonical, int flags) const {
  const Place here = place(canonical);
  Fd fd(::openat(here.root, here.path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) return system_error("open", prefix_ + std::string(canonical), errno);
  return fd;
}

Result<std::string> Tree::read_file(std::string_view path, std::size_t limit) {
  const Resolved resolved = resolve(path);
  const std::string shown = prefix_ + std::string(path);
  if (resolved.kind == FileKind::missing) return system_error("read", shown, resolved.error);
  if (resolved.kind != FileKind::regular) return Error{"read", shown, "not a regular file"};
  Result<Fd> fd = open_file(resolved.path, O_RDONLY | O_NONBLOCK);
  if (!fd) return Error{"read", shown, fd.error().reason};
  return read_all(fd->get(), limit, shown);
}

}  // namespace revdep::base
