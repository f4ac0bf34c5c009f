#include "revdep-paxd/heap.h"

#include <malloc.h>

namespace revdep::daemon {

#ifdef __GLIBC__
void limit_heap() { ::mallopt(M_ARENA_MAX, 1); }
void trim_heap() { ::malloc_trim(0); }
#else
void limit_heap() {}
void trim_heap() {}
#endif

}  // namespace revdep::daemon
