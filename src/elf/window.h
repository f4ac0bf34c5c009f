// A small buffer over a ByteSource that moves when a read leaves it: nearby tables cost one system call together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "elf/facts.h"

namespace revdep::elf {

class Window {
 public:
  /// Of 4 KiB: the head of nearly every object in the wild fits, and larger first reads were measured to be slower.
  static constexpr std::size_t capacity = 4096;

  /// `first`: bytes that the first read takes, at most `capacity`; later ones take that many.
  explicit Window(const ByteSource& source, std::size_t first = capacity) : source_(source), step_(first) {}

  /// The bytes of [offset, offset + length) that exist, `length` at most `capacity`. Valid until the next call.
  /// Fewer than asked: the object ends there, or error() is set.
  std::span<const std::byte> view(std::uint64_t offset, std::size_t length);

  /// Reads [offset, offset + length), at most `capacity` of it: what views are going to be asked for, and no more.
  void fetch(std::uint64_t offset, std::uint64_t length);

  /// Whether view(offset, length) needs no read.
  [[nodiscard]] bool holds(std::uint64_t offset, std::size_t length) const;

  /// errno of the first read that failed; 0 when none did.
  [[nodiscard]] int error() const { return error_; }

 private:
  const ByteSource& source_;
  std::size_t step_;  // of the next read
  std::uint64_t start_ = 0;
  std::size_t filled_ = 0;
  bool at_end_ = false;  // the object ends where the buffer does
  int error_ = 0;
  std::byte buffer_[capacity];
};

}  // namespace revdep::elf
