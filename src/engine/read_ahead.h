// Reads markings on a second processor while the graph is built on the first. An answer is the same as that of
// elf::read_marked_object; only when it was read differs.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/tree.h"
#include "elf/marking_reader.h"

namespace revdep::engine {

class ReadAhead {
 public:
  /// No index.
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

  /// Starts to read the objects at `paths` (canonical), in order. `tree` must outlive it.
  ReadAhead(const base::Tree& tree, std::vector<std::string> paths);
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;
  ~ReadAhead();

  /// The answer for paths[index]; to be asked once. Reads it here and now when nobody has begun to.
  base::Result<elf::MarkedObject> take(std::uint32_t index);

 private:
  enum State : std::uint32_t { untouched, begun, done };
  struct Item {
    std::atomic<std::uint32_t> state = untouched;
    std::optional<base::Result<elf::MarkedObject>> answer;
  };
  bool begin(Item& item);

  const base::Tree& tree_;
  const std::vector<std::string> paths_;
  std::unique_ptr<Item[]> items_;
  std::atomic<bool> stop_ = false;
  std::thread reader_;
};

}  // namespace revdep::engine
