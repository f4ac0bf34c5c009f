// Which letters of an executable's own marking something accounts for. Pure; the sources are the subject's.
#pragma once

#include "audit/subject.h"
#include "pax/marking.h"
#include "pax/relax.h"

namespace revdep::audit {

/// What anything known asks for, or accounts for. With a justified `p` its `m` is, where no S remains to stand on.
pax::Relaxations compute_justified(const Context& context, const Subject& subject);

/// The relaxations of its own marking that nothing accounts for; none of features that the kernel does not have.
pax::Relaxations compute_unjustified(const Context& context, const Subject& subject);

/// Its own marking less what is unjustified or claimed for nobody any more, and with `e` where nothing wants EMUTRAMP:
/// what every rule that takes letters away proposes, so that one mend does not undo another.
pax::Marking tidied_marking(const Context& context, const Subject& subject);

}  // namespace revdep::audit
