#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include "elf/facts.h"

namespace revdep::elf {

std::ptrdiff_t MemorySource::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  if (offset >= bytes_.size()) return 0;
  const std::size_t count = std::min(out.size(), bytes_.size() - static_cast<std::size_t>(offset));
  if (count != 0) std::memcpy(out.data(), bytes_.data() + offset, count);
  return static_cast<std::ptrdiff_t>(count);
}

std::ptrdiff_t FileSource::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  constexpr auto last = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());
  if (offset > last - out.size()) return 0;  // no file reaches that far, and pread would call it EINVAL
  std::size_t filled = 0;
  while (filled < out.size()) {
    const ssize_t got = ::pread(fd_, out.data() + filled, out.size() - filled, static_cast<off_t>(offset + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  return static_cast<std::ptrdiff_t>(filled);
}

}  // namespace revdep::elf
