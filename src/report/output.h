// Where reports go: a descriptor behind one large buffer. Does not close it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace revdep::report {

class Output {
 public:
  explicit Output(int fd) : fd_(fd) { buffer_.reserve(flush_size + flush_size / 4); }

  Output& operator<<(std::string_view text) {
    buffer_ += text;
    if (buffer_.size() >= flush_size) flush();
    return *this;
  }
  Output& operator<<(char character) { return *this << std::string_view(&character, 1); }

  /// Writes what is left. Throws std::system_error when the descriptor takes no more. Whatever was not flushed when an
  /// Output goes is lost.
  void flush();

 private:
  static constexpr std::size_t flush_size = std::size_t{256} << 10U;

  int fd_;
  std::string buffer_;
};

}  // namespace revdep::report
