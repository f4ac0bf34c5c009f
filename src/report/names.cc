#include "report/names.h"

#include <algorithm>
#include <cstdint>

namespace revdep::report {
namespace {

std::uint32_t byte_at(std::string_view bytes, std::size_t index) { return static_cast<unsigned char>(bytes[index]); }

// Length of the well-formed UTF-8 sequence at `index` (Unicode, table 3-7); 0: there is none.
std::size_t sequence_length(std::string_view bytes, std::size_t index) {
  const std::uint32_t lead = byte_at(bytes, index);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : 4;
  if (lead < 0xc2 || lead > 0xf4 || index + length > bytes.size()) return 0;
  const std::uint32_t second = byte_at(bytes, index + 1);
  const std::uint32_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const std::uint32_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (std::size_t next = index + 2; next < index + length; ++next) {
    if ((byte_at(bytes, next) & 0xc0U) != 0x80) return 0;
  }
  return length;
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  for (std::size_t index = 0; index < bytes.size();) {
    const std::size_t length = sequence_length(bytes, index);
    if (length == 0) return false;
    index += length;
  }
  return true;
}

std::string json_text(std::string_view bytes) {
  return is_utf8(bytes) ? std::string(bytes) : base::escape_to_ascii(bytes);
}

void put_name(nlohmann::ordered_json& object, const std::string& key, std::string_view bytes) {
  object[key] = json_text(bytes);
  if (!is_utf8(bytes)) object[key + "_bytes"] = base64(bytes);
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t index = 0; index < bytes.size(); index += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - index);
    std::uint32_t group = byte_at(bytes, index) << 16U;
    if (count > 1) group |= byte_at(bytes, index + 1) << 8U;
    if (count > 2) group |= byte_at(bytes, index + 2);
    for (std::size_t digit = 0; digit < 4; ++digit) {
      text += digit <= count ? alphabet[(group >> (18U - 6U * digit)) & 63U] : '=';
    }
  }
  return text;
}

}  // namespace revdep::report
