// One value for each ABI of a system. Nearly every question is about the ABI of the one before.
#pragma once

#include <map>
#include <utility>

#include "elf/abi.h"

namespace revdep::graph {

template <class Value>
class ByAbi {
 public:
  /// Every ABI starts with `initial`.
  explicit ByAbi(Value initial = {}) : initial_(std::move(initial)) {}

  Value& operator[](elf::Abi abi) {
    if (last_ == nullptr || !(last_abi_ == abi)) {
      last_ = &values_.try_emplace(abi, initial_).first->second;
      last_abi_ = abi;
    }
    return *last_;
  }
  /// Of those ABIs that were asked for.
  [[nodiscard]] const std::map<elf::Abi, Value>& values() const { return values_; }

 private:
  Value initial_;
  std::map<elf::Abi, Value> values_;
  Value* last_ = nullptr;
  elf::Abi last_abi_;
};

}  // namespace revdep::graph
