// The first four bytes as p_flags, the rest as a user.pax.flags value: what is valid comes back from its own codec.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "pax/marking.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace revdep;
  std::uint32_t p_flags = 0;
  const std::size_t head = size < sizeof p_flags ? size : sizeof p_flags;
  if (head != 0) std::memcpy(&p_flags, data, head);
  std::string value(size - head, '\0');
  if (!value.empty()) std::memcpy(value.data(), data + head, value.size());

  const auto letters = pax::parse_letters(value);
  if (letters) {
    if (value.size() > pax::xattr_limit) std::abort();
    const std::string again = pax::format_letters(*letters);
    if (again.size() != value.size() || pax::parse_letters(again) != letters) std::abort();
    if (pax::parse_header(pax::format_header(*letters, 0)) != letters) std::abort();
  }
  const auto header = pax::parse_header(p_flags);
  if (header && pax::format_header(*header, p_flags) != p_flags) std::abort();
  const auto own = pax::own_marking({value, p_flags, static_cast<std::uint8_t>(p_flags)});
  if (own != (letters ? letters : header)) std::abort();
  if (pax::format_columns(pax::parse_ei(static_cast<std::uint8_t>(p_flags))).size() != 5) std::abort();
  return 0;
}
