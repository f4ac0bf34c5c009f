#include "migrate/identity.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <vector>

#include "base/sha256.h"
#include "elf/facts.h"
#include "elf/marking_reader.h"

namespace revdep::migrate {
namespace {

constexpr std::size_t piece_size = 64 * std::size_t{1024};
constexpr std::uint64_t p_flags_size = 4;

// Overwrites with 0 what of the p_flags at file offset `flags` lies in `piece`, which begins at file offset `start`.
void mask(std::span<std::byte> piece, std::uint64_t start, std::uint64_t flags) {
  const std::uint64_t from = std::max(start, flags);
  const std::uint64_t to = std::min(start + piece.size(), flags + p_flags_size);
  for (std::uint64_t at = from; at < to; ++at) piece[static_cast<std::size_t>(at - start)] = std::byte{0};
}

}  // namespace

base::Result<Identity> IdentityCache::read(const base::Tree& tree, std::string_view path, std::time_t now) {
  const auto before = tree.status(path);
  const auto known = known_.find(std::string(path));
  if (before && known != known_.end() && known->second.stamp == base::Stamp(*before)) {
    return Identity{std::string(path), static_cast<std::uint64_t>(before->st_size), known->second.sha256};
  }
  if (known != known_.end()) known_.erase(known);
  auto identity = read_identity(tree, path);
  const auto after = tree.status(path);
  if (!identity || !before || !after) return identity;
  const base::Stamp stamp(*after);
  if (stamp == base::Stamp(*before) && stamp.is_settled(now)) {
    known_.emplace(std::string(path), Known{stamp, identity->sha256});
  }
  return identity;
}

void IdentityCache::keep_only(const std::unordered_set<std::string>& paths) {
  std::erase_if(known_, [&](const auto& entry) { return !paths.contains(entry.first); });
}

base::Result<Identity> read_identity(const base::Tree& tree, std::string_view path) {
  const std::string shown = tree.prefix() + std::string(path);
  const auto fd = tree.open_file(path, O_RDONLY | O_NONBLOCK);
  if (!fd) return base::Error{"read", shown, fd.error().reason};
  const auto status = elf::read_regular_status(fd->get(), shown);
  if (!status) return status.error();
  auto identity = read_identity(elf::FileSource(fd->get()), static_cast<std::uint64_t>(status->st_size), shown);
  if (identity) identity->path = path;
  return identity;
}

base::Result<Identity> read_identity(const elf::ByteSource& source, std::uint64_t size, std::string_view name) {
  const auto head = elf::parse_head(source, name);
  if (!head) return head.error();
  base::Sha256 hash;
  std::vector<std::byte> buffer(piece_size);
  std::uint64_t offset = 0;
  // To the end and not to `size`, so that a file that changes its size meanwhile is noticed; but never beyond one piece
  // more, as it may grow for ever.
  while (offset <= size) {
    const std::ptrdiff_t got = source.read_at(offset, buffer);
    if (got < 0) return base::system_error("read", name, errno);
    if (got == 0) break;
    const auto piece = std::span(buffer).first(static_cast<std::size_t>(got));
    if (head->pax) mask(piece, offset, head->pax->flags_offset);
    hash.update(piece);
    offset += piece.size();
  }
  if (offset != size) return base::Error{"read", std::string(name), "its size changed meanwhile"};
  return Identity{std::string(name), size, hash.finish()};
}

}  // namespace revdep::migrate
