// The content of one file into an empty one, holes and all. Copies no attribute.
#pragma once

#include <sys/types.h>

namespace revdep::migrate {

/// Shares the blocks where the filesystem can, else copies the data between the holes: a sparse file costs what it
/// holds.
/// Gives 0, or errno; ESTALE: the source is shorter than `size` by now.
int copy_content(int source, int destination, off_t size);

}  // namespace revdep::migrate
