// Which command mends a marking: tried out on the stores before it is offered, so that no mend is one that the editing
// commands refuse. Pure; runs nothing.
#pragma once

#include <optional>

#include "audit/subject.h"
#include "pax/marking.h"
#include "pax/relax.h"

namespace revdep::audit {

/// Whether a store is there, or may be made, that can carry letters.
[[nodiscard]] bool can_carry(const Context& context, const Subject& subject);

/// Whether every kernel that an edit has to be right for runs the file with these letters in its stores.
[[nodiscard]] bool runs_with(const Context& context, const Subject& subject, pax::Marking letters);

// Each nullopt: a kernel would refuse the file after it, or it would not do.

/// --set, or --clear where no more than a filler `e` is left.
std::optional<Mend> mend_by_setting(const Context& context, const Subject& subject, pax::Marking letters);
/// The same with what is least relaxed beyond the letters and runs.
std::optional<Mend> mend_by_completing(const Context& context, const Subject& subject, pax::Marking letters);
std::optional<Mend> mend_by_clearing(const Context& context, const Subject& subject);
/// One marking in all stores, and one that runs: --sync; else its own, completed; else --clear.
std::optional<Mend> mend_by_agreeing(const Context& context, const Subject& subject);

/// What carries on what is asked (less what is held back): -r -m; --sync where the stores only have to agree; by force
/// where it takes more than letters that the marking leaves open.
std::optional<Mend> mend_by_carrying(const Context& context, const Subject& subject);
/// The same against the executable's own marking.
std::optional<Mend> mend_by_force(const Context& context, const Subject& subject);
/// Drops what holds letters back.
Mend mend_by_releasing(const Context& context, const Subject& subject);

}  // namespace revdep::audit
