// A new file under the name of an old one: the same in everything but its markings, published by one rename. Decides
// nothing; processes that run the old file keep it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secure_open.h"

namespace revdep::migrate {

/// The four bytes of p_flags, in the object's byte order, and where they lie.
struct HeaderPatch {
  std::uint64_t offset = 0;
  std::array<char, 4> bytes{};
};

struct NewStores {
  HeaderPatch header;
  std::optional<std::string> xattr;
};

/// base::Error when the directory could not be synced after the rename: the new file stands all the same.
using Unsynced = std::optional<base::Error>;

/// `original` has one link. The copy gets owner, mode, xattrs (ACLs and capabilities too, not security.ima and evm) and
/// times in an order in which none undoes another, is synced, and takes the name if that still leads to `original` and
/// nothing changed it meanwhile. `shown` is for messages. Error: the old file stands, and no temporary file is left.
base::Result<Unsynced> replace_file(const base::SecureFile& original, const NewStores& stores,
                                    const std::string& shown);

/// The temporary file's name beside `name`, both without a directory.
std::string temporary_base_name(std::string_view name);

/// Removes a regular file of that name from `directory` if it is of root, of `owner` or of the directory's owner. Gives
/// 0 (also when there is none) or errno; EEXIST: something else has that name.
int remove_temporary(int directory, const std::string& temporary, uid_t owner);

}  // namespace revdep::migrate
