#include "elf/window.h"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <utility>

namespace revdep::elf {

bool Window::holds(std::uint64_t offset, std::size_t length) const {
  if (offset < start_) return false;
  return at_end_ || (offset - start_ <= filled_ && length <= filled_ - (offset - start_));
}

void Window::fetch(std::uint64_t offset, std::uint64_t length) {
  const auto asked = static_cast<std::size_t>(std::min<std::uint64_t>(length, capacity));
  start_ = offset;
  filled_ = 0;
  at_end_ = false;
  const std::ptrdiff_t got = source_.read_at(offset, std::span(buffer_).first(asked));
  if (got < 0) {
    if (error_ == 0) error_ = errno;
    return;
  }
  filled_ = static_cast<std::size_t>(got);
  at_end_ = filled_ < asked;
}

std::span<const std::byte> Window::view(std::uint64_t offset, std::size_t length) {
  assert(length <= capacity);
  if (!holds(offset, length)) fetch(offset, std::max(length, std::exchange(step_, capacity)));
  const auto from = static_cast<std::size_t>(std::min<std::uint64_t>(offset - start_, filled_));
  return std::span(buffer_).subspan(from, std::min(length, filled_ - from));
}

}  // namespace revdep::elf
