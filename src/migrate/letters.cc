#include "migrate/letters.h"

namespace revdep::migrate {

using pax::Marking;
using pax::Stores;

Stores in_step(const Stores& stores, Marking letters, Creates creates) {
  Stores after = stores;
  if (stores.header) after.header = pax::format_header(letters, *stores.header);
  if (stores.xattr || creates == Creates::xattr) after.xattr = pax::format_letters(letters);
  return after;
}

bool can_carry(const Stores& stores, Creates creates) {
  return stores.header || stores.xattr || creates == Creates::xattr;
}

bool has_void_store(const Stores& stores) {
  return (stores.xattr && !pax::parse_letters(*stores.xattr)) || (stores.header && !pax::parse_header(*stores.header));
}

bool is_toolchain_default(const Stores& stores) {
  constexpr std::uint32_t noemutramp_norandexec = 0x2800;
  return stores.header == noemutramp_norandexec && !stores.xattr;
}

}  // namespace revdep::migrate
