#include "engine/system.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <elf.h>
#include <fcntl.h>

#include "engine/disagreements.h"
#include "vdb/needed.h"

namespace revdep::engine {
namespace {

using base::Error;
using base::NameId;
using base::ObjectId;
using loader::Image;
using loader::Opening;

// What a header is to the loader of a process of `abi`, as far as its ABI goes: Opening::object when that is the same.
Opening compare_abis(elf::Abi found, elf::Abi abi) {
  if (found.elf_class != abi.elf_class) return Opening::other_abi;
  if (found.order != abi.order) return Opening::fatal;
  return found.machine == abi.machine ? Opening::object : Opening::other_abi;
}

// The ABI of what is no usable object: relocatable, broken behind its header. nullopt: not even that is whole.
std::optional<elf::Abi> read_abi(const base::Tree& tree, std::string_view where) {
  const auto fd = tree.open_file(where, O_RDONLY | O_NONBLOCK);
  std::array<std::byte, sizeof(Elf64_Ehdr)> header{};
  if (!fd || elf::FileSource(fd->get()).read_at(0, header) != std::ssize(header)) return std::nullopt;
  const auto at = [&](std::size_t index) { return std::to_integer<unsigned>(header[index]); };
  const bool little = at(EI_DATA) == ELFDATA2LSB;
  if (!elf::has_elf_magic(header) || at(EI_CLASS) - 1 > 1 || at(EI_DATA) - 1 > 1) return std::nullopt;
  const unsigned machine = little ? at(18) | at(19) << 8U : at(19) | at(18) << 8U;
  return elf::Abi{static_cast<std::uint16_t>(machine), elf::Class{static_cast<std::uint8_t>(at(EI_CLASS))},
                  elf::ByteOrder{static_cast<std::uint8_t>(at(EI_DATA))}};
}

}  // namespace

System::Known& System::known(ObjectId object) {
  if (known_.size() <= object.index()) known_.resize(object.index() + 1);
  return known_[object.index()];
}

const ObjectMarking& System::marking(ObjectId object) {
  const std::size_t before = corrections_;
  read_marking(object);
  if (corrections_ != before) graph_.resolve(*this);
  return known(object).marking;
}

void System::read_marking(ObjectId object) {
  Known& here = known(object);
  if (here.marking.reading != Reading::unread) return;
  const auto asked = std::exchange(here.marking_asked, std::nullopt);
  settle_marking(object, asked ? markings_ahead_.take(*asked) : elf::read_marked_object(tree_, graph_.path(object)));
}

void System::settle_marking(ObjectId object, base::Result<elf::MarkedObject> marked) {
  if (marked) {
    const bool is_object = marked->head.type == ET_EXEC || marked->head.type == ET_DYN;
    known(object).marking = {is_object ? Reading::read : Reading::gone, std::move(marked->stores)};
    if (!is_object) return;
    for (const std::string& problem : marked->problems) {
      problems_.push_back({"use all of", tree_.prefix() + std::string(graph_.path(object)), problem});
    }
    note_plugins(object, std::move(marked->dlopen_notes));
    check_program(object, marked->head);
  } else if (is_gone(tree_, graph_.path(object))) {
    known(object).marking = {Reading::gone, {}};
  } else {
    problems_.push_back(marked.error());
    known(object).marking = {Reading::unreadable, {}};
  }
}

void System::ask_marking(ObjectId object) {
  Known& here = known(object);
  const bool is_asked = here.marking.reading != Reading::unread || here.marking_asked;
  if (!is_asked) here.marking_asked = markings_ahead_.ask(std::string(graph_.path(object)));
}

// What add() took for granted of a program, or that a library is none, holds in nearly every case; in the others its own
// headers are the truth.
void System::check_program(ObjectId object, const elf::Head& head) {
  const graph::Object& known = graph_.object(object);
  if (told_by_elf(object)) return;
  const NameId interpreter = head.interpreter ? names().intern(*head.interpreter) : NameId{};
  if (interpreter == known.image.interpreter) return;
  if (add_from_elf(std::string(graph_.path(object)), known.package).valid()) ++corrections_;
}

graph::Closure System::link_closure(ObjectId object) {
  marking(object);
  graph::Closure closure = graph_.closure(*this, object);
  // A search in context can have made further objects known.
  graph_.resolve(*this);
  return closure;
}

std::vector<ObjectId> System::consumers(ObjectId library) {
  while (true) {
    const std::size_t before = corrections_;
    std::vector<ObjectId> found = graph_.consumers(*this, library);
    graph_.resolve(*this);
    for (const ObjectId consumer : found) ask_marking(consumer);
    for (const ObjectId consumer : found) read_marking(consumer);
    if (corrections_ == before) return found;
    graph_.resolve(*this);
  }
}

elf::Hazards System::hazards(ObjectId object) const {
  return told_by_elf(object) ? known_[object.index()].hazards : elf::Hazards{};
}

std::vector<std::string> System::disagreements(ObjectId object) const {
  const auto found = disagreements_.find(object);
  return found == disagreements_.end() ? std::vector<std::string>() : found->second;
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

ObjectId System::add_from_elf(std::string_view where, base::PackageId package) {
  return add_reading(where, package, read_elf(tree_, where), Expected::anything);
}

ObjectId System::add_reading(std::string_view where, base::PackageId package, ElfReading reading, Expected expected) {
  using Kind = ElfReading::Kind;
  const bool is_problem =
      reading.kind == Kind::unreadable || (reading.kind == Kind::no_elf && expected == Expected::object);
  if (is_problem) problems_.push_back(reading.error);
  if (reading.kind != Kind::object) return {};
  for (const std::string& problem : reading.facts.problems) {
    problems_.push_back({"use all of", tree_.prefix() + std::string(where), problem});
  }
  graph::Object object = describe(reading.facts, package);
  object.image.secure = reading.secure;
  // Where the database was right, nothing changes.
  ObjectId id = graph_.find(where);
  if (!id.valid() || !(graph_.object(id).image == object.image)) id = graph_.put(where, std::move(object));
  known(id).from_elf = true;
  known(id).marking = {Reading::read, std::move(reading.stores)};
  known(id).hazards = elf::hazards_of(reading.facts);
  note_plugins(id, std::move(reading.facts.dlopen_notes));
  return id;
}

ObjectId System::add(const Record& record, std::optional<ElfReading> reading) {
  const std::optional<elf::Abi> abi = elf::abi_of_category(record.category);
  if (reading) {
    const std::size_t named = problems_.size();
    const auto expected = record.arch.empty() ? Expected::anything : Expected::object;
    std::vector<std::string> clauses = find_disagreements(record, *reading);
    const ObjectId id = add_reading(record.path, record.package, std::move(*reading), expected);
    if (id.valid() && !clauses.empty()) disagreements_[id] = std::move(clauses);
    // Gone, or nothing that a process maps: a relocatable object, a core file.
    if (id.valid() || problems_.size() == named) return id;
    // What hinders it was named: the database's word is taken as it is, if it has one.
    if (!abi || record.facts_needed) return {};
  }
  graph::Object object;
  object.package = record.package;
  object.arch = names().intern(record.arch);
  object.category = names().intern(record.category);
  object.image.abi = *abi;
  object.image.needed.reserve(static_cast<std::size_t>(std::ranges::count(record.needed, ',')) + 1);
  vdb::for_each_needed(record.needed,
                       [&](std::string_view name) { object.image.needed.push_back(names().intern(name)); });
  if (!record.rpath.empty()) {
    loader::Extras extras;
    extras.runpath = record.rpath;
    object.image.extras = std::make_shared<const loader::Extras>(std::move(extras));
  }
  if (!record.soname.empty()) {
    object.image.soname = names().intern(record.soname);
  } else {
    // A program: marking() looks whether it is one, and whether it names another loader after all.
    object.image.loadable = false;
    object.image.interpreter = usual(*abi).usual_interpreter_name();
  }
  const ObjectId id = graph_.put(record.path, std::move(object));
  known(id).marking_asked = record.marking_asked;
  return id;
}

ObjectId System::find_or_read(std::string_view canonical) {
  const ObjectId known = graph_.find(canonical);
  if (known.valid()) return known;
  const ObjectId added = add_from_elf(canonical, {});
  if (added.valid()) graph_.resolve(*this);
  return added;
}

std::optional<base::Stamp> System::stamp_of(const std::string& canonical) const {
  const auto status = tree_.status(canonical);
  return status ? std::optional(base::Stamp(*status)) : std::nullopt;
}

void System::note_link(std::string_view name, std::vector<std::string> through) {
  const NameId asked = names().intern(name);
  for (std::string& path : through) {
    std::vector<NameId>& led = led_through_[std::move(path)];
    if (std::ranges::find(led, asked) == led.end()) led.push_back(asked);
  }
}

loader::Opened System::open(std::string_view directory, std::string_view name, elf::Abi abi) {
  base::DirectoryEntry entry = tree_.entry(directory, name);
  std::string where;
  if (entry.kind == base::FileKind::symlink) {
    std::vector<std::string> through;
    base::Tree::Resolved resolved = tree_.resolve(directory, name, &through);
    note_link(name, std::move(through));
    if (resolved.kind == base::FileKind::missing) {
      const bool searches_on = resolved.error == ENOENT || resolved.error == EACCES;
      return {searches_on ? Opening::absent : Opening::blocked, {}, {}};
    }
    where = std::move(resolved.path);
    entry = {resolved.kind, resolved.inode};
  }
  if (entry.kind == base::FileKind::missing) return {};
  if (entry.kind != base::FileKind::regular) return {Opening::fatal, {}, {}};
  if (where.empty()) where = base::join_path(directory, name);

  ObjectId id = graph_.find(where);
  if (!told_by_elf(id) && (!id.valid() || !graph_.object(id).image.soname.valid())) {
    auto known = rejected_.find(where);
    const bool is_new = known == rejected_.end();
    if (is_new && !add_from_elf(where, id.valid() ? graph_.object(id).package : base::PackageId{}).valid() &&
        !id.valid()) {
      const base::Tree::Place place = tree_.place(where);
      const bool readable = ::faccessat(place.root, place.path.c_str(), R_OK, AT_EACCESS) == 0;
      known = rejected_.emplace(where, Rejected{readable, read_abi(tree_, where), stamp_of(where)}).first;
    }
    if (known != rejected_.end()) {
      const Rejected& rejected = known->second;
      if (!rejected.readable) return {};
      const Opening opening = rejected.abi ? compare_abis(*rejected.abi, abi) : Opening::fatal;
      return {opening == Opening::object ? Opening::fatal : opening, {}, {}};
    }
    id = graph_.find(where);
  }
  const Image& found = graph_.object(id).image;
  if (const Opening opening = compare_abis(found.abi, abi); opening != Opening::object) return {opening, {}, {}};
  if (!found.loadable) return {Opening::fatal, {}, {}};

  // Hard links are one file to the loader. Listings may repeat an inode number across filesystems.
  ObjectId& first = inodes_.try_emplace(entry.inode, id).first->second;
  ObjectId file = first;
  if (file != id) {
    const auto one = tree_.status(graph_.path(file));
    const auto other = tree_.status(where);
    const bool same = one && other && one->st_dev == other->st_dev && one->st_ino == other->st_ino;
    if (!same) file = id;
    if (!one || one->st_ino != entry.inode) first = id;
  }
  return {Opening::object, id, file};
}

}  // namespace revdep::engine
