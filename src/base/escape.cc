#include "base/escape.h"

#include <algorithm>

namespace revdep::base {
namespace {

enum class HighBytes : unsigned char { keep, escape };

bool needs_escape(unsigned char byte, HighBytes high) {
  return byte < 0x20 || byte == 0x7f || byte == '\\' || (byte > 0x7f && high == HighBytes::escape);
}

std::string escape_bytes(std::string_view bytes, HighBytes high) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size());
  for (const char character : bytes) {
    const auto byte = static_cast<unsigned char>(character);
    if (needs_escape(byte, high)) {
      text += "\\x";
      text += digits[byte >> 4U];
      text += digits[byte & 15U];
    } else {
      text += character;
    }
  }
  return text;
}

}  // namespace

std::string escape(std::string_view bytes) { return escape_bytes(bytes, HighBytes::keep); }

std::string escape_to_ascii(std::string_view bytes) { return escape_bytes(bytes, HighBytes::escape); }

bool is_plain(std::string_view bytes) {
  return std::none_of(bytes.begin(), bytes.end(), [](char character) {
    return needs_escape(static_cast<unsigned char>(character), HighBytes::keep);
  });
}

}  // namespace revdep::base
