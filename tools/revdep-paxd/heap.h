// How a program that sleeps most of the time keeps its memory small.
#pragma once

namespace revdep::daemon {

/// To be called before there are threads: each would have a heap of its own.
void limit_heap();

/// Gives back what a turn used. Costs too much for each small one.
void trim_heap();

}  // namespace revdep::daemon
