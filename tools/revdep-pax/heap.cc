#include "revdep-pax/heap.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace revdep::tool {

#ifdef __GLIBC__
void prepare_heap() {
  constexpr int step = 16 << 20;
  constexpr int never = 1 << 30;
  constexpr std::uintptr_t huge_page = std::uintptr_t{2} << 20;
  // One heap for each of the two threads, which would wait for each other at a common one. They grow in large steps and are
  // never given back piece by piece.
  ::mallopt(M_ARENA_MAX, 2);
  ::mallopt(M_TOP_PAD, step);
  ::mallopt(M_TRIM_THRESHOLD, never);
  ::mallopt(M_MMAP_THRESHOLD, never);
  // Kept, and never touched: what is allocated after it lies in whole huge pages.
  static const auto first = std::make_unique_for_overwrite<std::byte[]>(huge_page);
  const auto start = (reinterpret_cast<std::uintptr_t>(first.get()) + huge_page - 1) & ~(huge_page - 1);
  const auto end = reinterpret_cast<std::uintptr_t>(::sbrk(0)) & ~(huge_page - 1);
  // Advice: where huge pages are off, all works without.
  if (start < end) ::madvise(reinterpret_cast<void*>(start), end - start, MADV_HUGEPAGE);
}
#else
void prepare_heap() {}
#endif

}  // namespace revdep::tool
