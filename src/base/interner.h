// Strings to dense ids and back: each distinct string is stored once and lives as long as the interner.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/ids.h"

namespace revdep::base {

/// Open addressing over 32-bit slots, text in an arena: 24 bytes a string beside its bytes.
template <class IdType>
class Interner {
 public:
  Interner() = default;
  Interner(const Interner&) = delete;
  Interner& operator=(const Interner&) = delete;
  Interner(Interner&&) = default;
  Interner& operator=(Interner&&) = default;

  IdType intern(std::string_view text) {
    if ((texts_.size() + 1) * 4 > slots_.size() * 3) grow();
    const std::size_t slot = find_slot(text);
    if (slots_[slot] == empty) {
      slots_[slot] = static_cast<std::uint32_t>(texts_.size());
      texts_.push_back(store(text));
    }
    return IdType{slots_[slot]};
  }

  /// The id of a string seen before; invalid when it was not.
  [[nodiscard]] IdType find(std::string_view text) const {
    if (slots_.empty()) return {};
    const std::uint32_t id = slots_[find_slot(text)];
    return id == empty ? IdType{} : IdType{id};
  }

  [[nodiscard]] std::string_view view(IdType id) const { return texts_[id.index()]; }
  [[nodiscard]] std::size_t size() const { return texts_.size(); }

 private:
  static constexpr std::uint32_t empty = IdType::none;
  static constexpr std::size_t block_size = std::size_t{64} * 1024;

  [[nodiscard]] std::size_t find_slot(std::string_view text) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = std::hash<std::string_view>{}(text) & mask;
    while (slots_[slot] != empty && texts_[slots_[slot]] != text) slot = (slot + 1) & mask;
    return slot;
  }

  void grow() {
    slots_.assign(slots_.empty() ? 64 : slots_.size() * 2, empty);
    for (std::uint32_t id = 0; id < texts_.size(); ++id) slots_[find_slot(texts_[id])] = id;
  }

  std::string_view store(std::string_view text) {
    if (text.size() > left_) {
      const std::size_t size = std::max(block_size, text.size());
      blocks_.push_back(std::make_unique<char[]>(size));
      next_ = blocks_.back().get();
      left_ = size;
    }
    char* const start = next_;
    text.copy(start, text.size());
    next_ += text.size();
    left_ -= text.size();
    return {start, text.size()};
  }

  std::vector<std::uint32_t> slots_;
  std::vector<std::string_view> texts_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace revdep::base
