#include "engine/provenance.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <boost/uuid/detail/md5.hpp>
#include <optional>

#include "elf/facts.h"
#include "migrate/identity.h"
#include "vdb/contents.h"

namespace revdep::engine {
namespace {

using base::ObjectId;
using pax::Letter;
using pax::Relaxations;

// Lower-case hex of a file's content; nullopt: it cannot be read.
std::optional<std::string> md5_of(const base::Tree& tree, std::string_view path) {
  const auto fd = tree.open_file(path, O_RDONLY | O_NONBLOCK);
  if (!fd) return std::nullopt;
  const elf::FileSource source(fd->get());
  boost::uuids::detail::md5 hash;
  std::array<std::byte, 65536> block{};
  std::uint64_t offset = 0;
  std::ptrdiff_t count = 0;
  while ((count = source.read_at(offset, block)) > 0) {
    hash.process_bytes(block.data(), static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
  if (count < 0) return std::nullopt;
  boost::uuids::detail::md5::digest_type digest;
  hash.get_digest(digest);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  // Four words, each as it is printed.
  for (const unsigned int word : digest) {
    for (int shift = 28; shift >= 0; shift -= 4) text += digits[word >> static_cast<unsigned>(shift) & 15U];
  }
  return text;
}

bool is_not_later(const timespec& one, const timespec& other) {
  return one.tv_sec != other.tv_sec ? one.tv_sec < other.tv_sec : one.tv_nsec <= other.tv_nsec;
}

}  // namespace

Relaxations Provenance::explain(ObjectId object, const migrate::Claim* claim) {
  Relaxations explained;
  if (claim != nullptr) {
    for (const migrate::Reason& reason : claim->reasons) explained.ask(reason.letter);
  }
  explained.add(by_admin(std::string(system_.graph().path(object))));
  explained.add(by_package(object));
  return explained;
}

// What --set said last of a letter, while the file is the same.
Relaxations Provenance::by_admin(const std::string& path) {
  Relaxations said;
  const auto edits = journal_.edits_on(path);
  if (!edits || edits->empty()) return said;
  const auto identity = migrate::read_identity(system_.tree(), path);
  for (const Letter letter : pax::letters) {
    for (auto edit = edits->rbegin(); edit != edits->rend(); ++edit) {
      if (edit->state != migrate::EditState::done) continue;
      const auto reason = std::ranges::find(edit->reasons, letter, &migrate::Reason::letter);
      if (reason == edit->reasons.end()) continue;
      const auto after = pax::own_marking(edit->after);
      const bool is_admins = reason->askers.empty() && after && pax::asked_by(*after).asks(letter);
      if (is_admins && identity && *identity == edit->file) said.ask(letter);
      break;
    }
  }
  return said;
}

std::string Provenance::listed_md5(ObjectId object) {
  const base::PackageId package = system_.graph().object(object).package;
  const auto [known, is_new] = contents_.try_emplace(package);
  if (is_new) {
    const auto text = system_.database()->read(system_.packages()[package.index()], "CONTENTS");
    if (text && *text) {
      for (const vdb::ContentsEntry& entry : vdb::parse_contents(**text).entries) {
        if (entry.type != vdb::EntryType::object) continue;
        known->second.emplace(system_.tree().resolve(entry.path).path, entry.md5);
      }
    }
  }
  const auto found = known->second.find(std::string(system_.graph().path(object)));
  return found == known->second.end() ? std::string() : found->second;
}

Relaxations Provenance::by_package(ObjectId object) {
  Relaxations its;
  const base::PackageId package = system_.graph().object(object).package;
  if (!package.valid() || system_.database() == nullptr) return its;
  const std::string path(system_.graph().path(object));
  const pax::Stores& stores = system_.marking(object).stores;
  const auto header = stores.header ? pax::parse_header(*stores.header) : std::nullopt;
  if (header && !pax::asked_by(*header).empty()) {
    const std::string listed = listed_md5(object);
    if (!listed.empty() && md5_of(system_.tree(), path) == listed) its.add(pax::asked_by(*header));
  }
  const auto xattr = stores.xattr ? pax::parse_letters(*stores.xattr) : std::nullopt;
  if (xattr && !pax::asked_by(*xattr).empty()) {
    const auto file = system_.tree().status(path);
    struct stat directory {};
    const std::string place = system_.database()->path() + '/' + vdb::to_string(system_.packages()[package.index()]);
    if (file && ::stat(place.c_str(), &directory) == 0 && is_not_later(file->st_ctim, directory.st_ctim)) {
      its.add(pax::asked_by(*xattr));
    }
  }
  return its;
}

}  // namespace revdep::engine
