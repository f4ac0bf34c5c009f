// How the program gets its memory from the kernel.
#pragma once

namespace revdep::tool {

/// To be called before the system is loaded. A run allocates some megabytes at once and keeps nearly all of it: taken page by page, they
/// cost a seventh of a short run.
void prepare_heap();

}  // namespace revdep::tool
