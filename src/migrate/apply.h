// Changes the stores of one file so that it is old or new at every instant, and nothing else of it changes. Decides
// nothing: the edit says what. Journals nothing: the caller does, before and after.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/secure_open.h"
#include "base/tree.h"
#include "migrate/edit.h"

namespace revdep::migrate {

using base::Owners;  ///< any: --nonroot

struct Applied {
  enum class How : unsigned char {
    in_place,     ///< fsetxattr, fremovexattr, or a pwrite of p_flags
    replaced,     ///< a new file under the same name; running processes keep the old one
    step_by_step  ///< several links: xattr off, header, xattr on
  };
  How how = How::in_place;
  /// The file lay in an overlay's lower layer and was copied to the upper one. Not seen where the layers are hidden.
  bool copied_up = false;
  /// Done, but the directory could not be synced: a power cut may bring the old file back.
  std::optional<base::Error> unsynced;
};

/// Opens the first of edit.names that is safe to open (base::open_secure) and still is that inode. An xattr is changed
/// in place. So is a header, with the times put back; but a busy file, an unaligned p_flags, and a file whose
/// capabilities a write would drop are replaced, and so is a file of one link when both stores change.
/// Error: names what forbids it; the file is as it was, except that a step-by-step edit that failed midway and could
/// not go back may stand at one of intermediate_stores(), which the reason then says.
base::Result<Applied> apply_edit(const base::Tree& tree, const Edit& edit, Owners owners);

/// The states that a step-by-step edit passes through, in order, without the first and the last. A kernel runs the file
/// in each in which it runs either end.
std::vector<pax::Stores> intermediate_stores(const Edit& edit);

/// The name of the temporary file beside `name` ("/usr/bin/x" -> "/usr/bin/.x.revdep-pax"): one fixed name, so that the
/// next run finds what a killed one left. Cut where it would be too long for a directory.
std::string temporary_name(std::string_view name);

/// Removes what a killed run left beside `name`, if it is ours: a regular file at temporary_name() that belongs to
/// root, or to the owner of `name` or of the directory, which is safe as for apply_edit. nullopt: done, or there was
/// none.
std::optional<base::Error> remove_left_over(const base::Tree& tree, std::string_view name);

}  // namespace revdep::migrate
