// Claims as arithmetic: which of our letters nobody asks for any more, and what is ours after all edits. Pure; the journal
// keeps them.
#pragma once

#include <optional>
#include <vector>

#include "migrate/journal.h"
#include "migrate/letters.h"
#include "pax/marking.h"
#include "pax/relax.h"

namespace revdep::migrate {

struct Withdrawal {
  pax::Stores after;
  std::vector<pax::Letter> letters;  ///< taken back, without the filler
  bool store_removed = false;        ///< the xattr that we created holds nothing more
};

/// The stores less those of our letters that `asked` does not need and that still stand as we set them, less our filler `e`
/// and an xattr of ours once nothing else is in it but what the header says. nullopt: nothing to take back.
std::optional<Withdrawal> plan_withdrawal(const pax::Stores& before, const Claim& claim, pax::Relaxations asked);

/// Whether an `e` on the claimed file is no one's word. Where the E is ours, someone turned it round.
[[nodiscard]] bool is_filler(const Claim& claim);

/// What is ours of one file after `edits`, which are all that were made of it, in order. A letter is ours when an edit with
/// reasons gave it and nothing took it since; what has no reason (an undo, stores brought into step)
/// makes nothing ours, and a reason without askers (an admin's command) makes the letter the admin's. nullopt:
/// nothing is.
std::optional<Claim> replay_claim(const std::vector<JournalledEdit>& edits);

}  // namespace revdep::migrate
