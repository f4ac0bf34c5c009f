// Whether a kernel refuses to run a file that carries a marking. Answers for one marking in one store; what several stores
// make of each other is not decided here.
#pragma once

#include "pax/marking.h"

namespace revdep::pax {

/// True when a kernel with PAGEEXEC, EMUTRAMP, MPROTECT and RANDMMAP but no SEGMEXEC (amd64) refuses the file in hard or
/// in soft mode: MPROTECT or EMUTRAMP is on and PAGEEXEC is not. Kernels with SEGMEXEC refuse a subset of that.
bool refused_by_kernel(Marking marking);

}  // namespace revdep::pax
