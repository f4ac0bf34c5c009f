#include "engine/elf_reading.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/xattr.h>

#include <array>
#include <string>
#include <utility>

#include "elf/marking_reader.h"

namespace revdep::engine {
namespace {

bool has_capabilities(int fd) { return ::fgetxattr(fd, "security.capability", nullptr, 0) > 0; }

ElfReading failed(ElfReading::Kind kind, base::Error error) {
  ElfReading reading;
  reading.kind = kind;
  reading.error = std::move(error);
  return reading;
}

}  // namespace

bool is_gone(const base::Tree& tree, std::string_view path) {
  const auto status = tree.status(path);
  return !status || !S_ISREG(status->st_mode);
}

ElfReading read_elf(const base::Tree& tree, std::string_view path) {
  using Kind = ElfReading::Kind;
  const std::string shown = tree.prefix() + std::string(path);
  const auto fd = tree.open_file(path, O_RDONLY | O_NONBLOCK);
  if (!fd) return failed(is_gone(tree, path) ? Kind::gone : Kind::unreadable, fd.error());
  const auto status = elf::read_regular_status(fd->get(), shown);
  if (!status) return failed(Kind::no_elf, status.error());
  auto facts = elf::parse_facts(elf::FileSource(fd->get()), shown);
  if (!facts) {
    std::array<std::byte, 4> magic{};
    const bool is_elf = elf::FileSource(fd->get()).read_at(0, magic) == 4 && elf::has_elf_magic(magic);
    return failed(is_elf ? Kind::unreadable : Kind::no_elf, facts.error());
  }
  ElfReading reading;
  reading.kind = Kind::not_mapped;
  if (facts->head.type != ET_EXEC && facts->head.type != ET_DYN) return reading;
  auto stores = elf::read_stores(fd->get(), facts->head, shown);
  if (!stores) return failed(Kind::unreadable, stores.error());
  reading.kind = Kind::object;
  reading.facts = std::move(*facts);
  reading.stores = std::move(*stores);
  // Only what is run can be secure.
  reading.secure =
      (status->st_mode & (S_ISUID | S_ISGID)) != 0 || (reading.facts.head.interpreter && has_capabilities(fd->get()));
  return reading;
}

}  // namespace revdep::engine
