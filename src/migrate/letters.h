// The letters of one file, in step: the same in every store that it has. Pure.
#pragma once

#include "pax/marking.h"

namespace revdep::migrate {

/// Whether a file without user.pax.flags may be given one. A PT_PAX header is never added.
enum class Creates : unsigned char { nothing, xattr };

/// `stores` with `letters` in each of them, void ones included.
pax::Stores in_step(const pax::Stores& stores, pax::Marking letters, Creates creates);

/// Whether there is a store, or may be one, that can carry letters.
[[nodiscard]] bool can_carry(const pax::Stores& stores, Creates creates);

/// Whether a store is there that is malformed: it asks nothing and protects nothing.
[[nodiscard]] bool has_void_store(const pax::Stores& stores);

/// What an `e` in the file's own marking is: someone's word, or the filler of the old toolchain (a header of exactly 0x2800
/// and nothing else).
[[nodiscard]] bool is_toolchain_default(const pax::Stores& stores);

}  // namespace revdep::migrate
