#include "engine/system.h"

#include <sys/xattr.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <elf.h>
#include <fcntl.h>

namespace revdep::engine {
namespace {

using base::Error;
using base::NameId;
using base::ObjectId;
using loader::Image;
using loader::Opening;

// The reasons for which an object's own word is missing although it may well be there.
bool is_gone(const base::Tree& tree, std::string_view path) {
  const auto status = tree.status(path);
  return !status || !S_ISREG(status->st_mode);
}

bool has_capabilities(int fd) { return ::fgetxattr(fd, "security.capability", nullptr, 0) > 0; }

}  // namespace

void System::keep_marking(ObjectId object, Reading reading, pax::Stores stores) {
  if (markings_.size() <= object.index()) markings_.resize(std::max(object.index() + 1, markings_.size() * 2));
  markings_[object.index()] = {reading, std::move(stores)};
}

const ObjectMarking& System::marking(ObjectId object) {
  if (markings_.size() <= object.index() || markings_[object.index()].reading == Reading::unread) {
    const std::string_view where = graph_.path(object);
    auto marked = elf::read_marked_object(tree_, where);
    if (marked) {
      keep_marking(object, Reading::read, std::move(marked->stores));
    } else if (is_gone(tree_, where)) {
      keep_marking(object, Reading::gone, {});
    } else {
      problems_.push_back(marked.error());
      keep_marking(object, Reading::unreadable, {});
    }
  }
  return markings_[object.index()];
}

std::vector<Error> System::problems() const {
  std::vector<Error> sorted = problems_;
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  return sorted;
}

graph::Object System::describe(const elf::Facts& facts, base::PackageId package) {
  graph::Object object;
  object.package = package;
  object.arch = names().intern(elf::arch_label(facts.head.abi));
  object.category = names().intern(elf::multilib_category(facts.head.abi, facts.head.e_flags));
  Image& image = object.image;
  image.abi = facts.head.abi;
  image.dynamic = facts.head.dynamic;
  image.loadable = facts.head.type == ET_DYN && !facts.pie && facts.head.identification_valid;
  if (facts.soname) image.soname = names().intern(*facts.soname);
  if (facts.head.interpreter) image.interpreter = names().intern(*facts.head.interpreter);
  for (const std::string& name : facts.needed) image.needed.push_back(names().intern(name));
  if (facts.rpath || facts.runpath || facts.no_default_lib || !facts.auxiliary.empty() || !facts.filter.empty()) {
    loader::Extras extras;
    if (!facts.runpath) extras.rpath = facts.rpath;
    extras.runpath = facts.runpath;
    extras.no_default_lib = facts.no_default_lib;
    for (const std::string& name : facts.auxiliary) extras.auxiliary.push_back(names().intern(name));
    for (const std::string& name : facts.filter) extras.filter.push_back(names().intern(name));
    image.extras = std::make_shared<const loader::Extras>(std::move(extras));
  }
  return object;
}

bool System::add_from_elf(std::string_view where, base::PackageId package) {
  const std::string shown = tree_.prefix() + std::string(where);
  const auto fd = tree_.open_file(where, O_RDONLY | O_NONBLOCK);
  if (!fd) {
    if (!is_gone(tree_, where)) problems_.push_back({"read", shown, fd.error().reason});
    return false;
  }
  auto marked = elf::read_marked_object(fd->get(), shown);
  if (!marked) {
    std::array<std::byte, 4> magic{};
    const bool is_elf = elf::FileSource(fd->get()).read_at(0, magic) == 4 && elf::has_elf_magic(magic);
    if (is_elf) problems_.push_back(marked.error());
    return false;
  }
  const unsigned type = marked->head.type;
  if (type != ET_EXEC && type != ET_DYN) return false;
  const auto facts = elf::parse_facts(elf::FileSource(fd->get()), shown);
  if (!facts) {
    problems_.push_back(facts.error());
    return false;
  }
  for (const std::string& problem : facts->problems) problems_.push_back({"use all of", shown, problem});
  graph::Object object = describe(*facts, package);
  object.image.secure = (marked->status.st_mode & (S_ISUID | S_ISGID)) != 0 || has_capabilities(fd->get());
  const ObjectId id = graph_.put(where, std::move(object));
  from_elf_.resize(std::max(from_elf_.size(), id.index() + 1));
  from_elf_[id.index()] = true;
  keep_marking(id, Reading::read, std::move(marked->stores));
  return true;
}

void System::add(const Record& record) {
  const std::optional<elf::Abi> abi = elf::abi_of_category(record.category);
  const bool database_suffices = abi && !record.facts_needed && record.rpath.empty();
  if (!database_suffices) {
    if (add_from_elf(record.path, record.package)) return;
    const bool has_word = abi && !record.facts_needed;
    if (!has_word || is_gone(tree_, record.path)) return;
    // add_from_elf has named it: the database's word is taken as it is.
  }
  graph::Object object;
  object.package = record.package;
  object.arch = names().intern(record.arch);
  object.category = names().intern(record.category);
  object.image.abi = *abi;
  for (const std::string& name : record.needed) object.image.needed.push_back(names().intern(name));
  if (!record.rpath.empty()) {
    loader::Extras extras;
    extras.runpath = record.rpath;
    object.image.extras = std::make_shared<const loader::Extras>(std::move(extras));
  }
  if (!record.soname.empty()) {
    object.image.soname = names().intern(record.soname);
    graph_.put(record.path, std::move(object));
    return;
  }
  // A program: its loader and whether it is one at all stand in its headers only.
  auto marked = elf::read_marked_object(tree_, record.path);
  Reading reading = Reading::read;
  if (marked) {
    if (marked->head.type != ET_EXEC && marked->head.type != ET_DYN) return;
    object.image.dynamic = marked->head.dynamic;
    object.image.loadable = marked->head.type == ET_DYN && marked->head.identification_valid;
    if (marked->head.interpreter) object.image.interpreter = names().intern(*marked->head.interpreter);
    object.image.secure = (marked->status.st_mode & (S_ISUID | S_ISGID)) != 0;
  } else {
    if (is_gone(tree_, record.path)) return;
    problems_.push_back(marked.error());
    reading = Reading::unreadable;
    const std::string interpreter = usual(*abi).platform().interpreter;
    if (!record.needed.empty() && !interpreter.empty()) object.image.interpreter = names().intern(interpreter);
  }
  const ObjectId id = graph_.put(record.path, std::move(object));
  keep_marking(id, reading, marked ? std::move(marked->stores) : pax::Stores{});
}

ObjectId System::find_or_read(std::string_view canonical) {
  const ObjectId known = graph_.find(canonical);
  if (known.valid() || !add_from_elf(canonical, {})) return known;
  graph_.resolve(*this);
  return graph_.find(canonical);
}

loader::Opened System::open(std::string_view directory, std::string_view name, elf::Abi abi) {
  base::DirectoryEntry entry = tree_.entry(directory, name);
  std::string where = base::join_path(directory, name);
  if (entry.kind == base::FileKind::symlink) {
    base::Tree::Resolved resolved = tree_.resolve(where);
    if (resolved.kind == base::FileKind::missing) {
      const bool searches_on = resolved.error == ENOENT || resolved.error == EACCES;
      return {searches_on ? Opening::absent : Opening::blocked, {}, {}};
    }
    where = std::move(resolved.path);
    const auto [parent, base_name] = base::split_path(where);
    entry = tree_.entry(parent, base_name);
  }
  if (entry.kind == base::FileKind::missing) return {};
  if (entry.kind != base::FileKind::regular) return {Opening::fatal, {}, {}};

  ObjectId id = graph_.find(where);
  const bool told_by_elf = id.valid() && id.index() < from_elf_.size() && from_elf_[id.index()];
  if (!told_by_elf && (!id.valid() || !graph_.object(id).image.soname.valid())) {
    if (const auto known = rejected_.find(where); known != rejected_.end()) return {known->second, {}, {}};
    if (!add_from_elf(where, id.valid() ? graph_.object(id).package : base::PackageId{}) && !id.valid()) {
      const bool readable = ::faccessat(tree_.descriptor(), where.c_str() + 1, R_OK, AT_EACCESS) == 0;
      rejected_.emplace(where, readable ? Opening::fatal : Opening::absent);
      return {readable ? Opening::fatal : Opening::absent, {}, {}};
    }
    id = graph_.find(where);
  }
  const Image& found = graph_.object(id).image;
  if (found.abi.elf_class != abi.elf_class) return {Opening::other_abi, {}, {}};
  if (found.abi.order != abi.order) return {Opening::fatal, {}, {}};
  if (found.abi.machine != abi.machine) return {Opening::other_abi, {}, {}};
  if (!found.loadable) return {Opening::fatal, {}, {}};

  // Hard links are one file to the loader. Listings may repeat an inode number across filesystems.
  ObjectId file = inodes_.emplace(entry.inode, id).first->second;
  if (file != id) {
    const auto one = tree_.status(graph_.path(file));
    const auto other = tree_.status(where);
    const bool same = one && other && one->st_dev == other->st_dev && one->st_ino == other->st_ino;
    if (!same) file = id;
  }
  return {Opening::object, id, file};
}

}  // namespace revdep::engine
