#include "engine/read_ahead.h"

#include <utility>

namespace revdep::engine {

ReadAhead::ReadAhead(const base::Tree& tree, std::vector<std::string> paths)
    : tree_(tree), paths_(std::move(paths)), items_(std::make_unique<Item[]>(paths_.size())), reader_([this] {
        for (std::size_t index = 0; index < paths_.size() && !stop_.load(std::memory_order_relaxed); ++index) {
          Item& item = items_[index];
          if (!begin(item)) continue;
          item.answer = elf::read_marked_object(tree_, paths_[index]);
          item.state.store(done, std::memory_order_release);
          item.state.notify_one();
        }
      }) {}

ReadAhead::~ReadAhead() {
  stop_.store(true, std::memory_order_relaxed);
  reader_.join();
}

bool ReadAhead::begin(Item& item) {
  std::uint32_t expected = untouched;
  return item.state.compare_exchange_strong(expected, begun, std::memory_order_acq_rel);
}

base::Result<elf::MarkedObject> ReadAhead::take(std::uint32_t index) {
  Item& item = items_[index];
  if (begin(item)) return elf::read_marked_object(tree_, paths_[index]);
  item.state.wait(begun, std::memory_order_acquire);
  return *std::exchange(item.answer, std::nullopt);
}

}  // namespace revdep::engine
