// Strings to dense ids and back: each distinct string is stored once and lives as long as the interner.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"

namespace revdep::base {

/// Open addressing, text in an arena: about 30 bytes a string beside its text.
template <class IdType>
class Interner {
 public:
  Interner() = default;
  ~Interner() = default;
  Interner(const Interner&) = delete;
  Interner& operator=(const Interner&) = delete;
  Interner(Interner&& other) noexcept { *this = std::move(other); }
  /// `other` is empty then.
  Interner& operator=(Interner&& other) noexcept {
    slots_ = std::exchange(other.slots_, {});
    texts_ = std::exchange(other.texts_, {});
    blocks_ = std::exchange(other.blocks_, {});
    next_ = other.next_;
    left_ = std::exchange(other.left_, 0);
    block_size_ = other.block_size_;
    return *this;
  }

  IdType intern(std::string_view text) {
    if (needs_growth(texts_.size() + 1)) grow();
    const std::uint32_t tag = tag_of(text);
    Slot& slot = slots_[find_slot(text, tag)];
    if (slot.id == empty) {
      slot = {static_cast<std::uint32_t>(texts_.size()), tag};
      texts_.push_back(store(text));
    }
    return IdType{slot.id};
  }

  /// Makes room for `count` strings in all.
  void reserve(std::size_t count) {
    texts_.reserve(count);
    while (needs_growth(count)) grow();
  }

  /// Whether so much is in it that the processor's caches hold little of it.
  [[nodiscard]] bool is_large() const { return slots_.size() >= large; }

  /// Fetches ahead what intern() and find() of these texts will look at. In a large table each waits for three cache
  /// misses, one after the other; fetched together, all wait for three.
  void expect(std::span<const std::string_view> texts) const {
    constexpr std::size_t batch = 64;
    for (; !texts.empty() && is_large(); texts = texts.subspan(std::min(batch, texts.size()))) {
      const auto now = texts.first(std::min(batch, texts.size()));
      std::array<std::uint32_t, batch> tags{};
      for (std::size_t index = 0; index < now.size(); ++index) {
        tags[index] = tag_of(now[index]);
        __builtin_prefetch(&slots_[tags[index] & (slots_.size() - 1)]);
      }
      std::array<const std::string_view*, batch> known{};
      std::size_t count = 0;
      for (std::size_t index = 0; index < now.size(); ++index) {
        const Slot& slot = slots_[find_slot(tags[index], [](const Slot&) { return true; })];
        if (slot.id == empty) continue;
        known[count] = &texts_[slot.id];
        __builtin_prefetch(known[count++]);
      }
      for (std::size_t index = 0; index < count; ++index) __builtin_prefetch(known[index]->data());
    }
  }

  /// The id of a string seen before; invalid when it was not.
  [[nodiscard]] IdType find(std::string_view text) const {
    if (slots_.empty()) return {};
    const std::uint32_t id = slots_[find_slot(text, tag_of(text))].id;
    return id == empty ? IdType{} : IdType{id};
  }

  [[nodiscard]] std::string_view view(IdType id) const { return texts_[id.index()]; }
  [[nodiscard]] std::size_t size() const { return texts_.size(); }

 private:
  static constexpr std::uint32_t empty = IdType::none;
  // Most directories of a system have but a few names.
  static constexpr std::size_t first_slots = 16;
  static constexpr std::size_t first_block = 256;
  static constexpr std::size_t largest_block = std::size_t{64} * 1024;
  static constexpr std::size_t large = std::size_t{64} * 1024;

  // The tag spares most looks at texts that differ, and all of them when the table grows: each is a cache miss in a
  // large one.
  struct Slot {
    std::uint32_t id = empty;
    std::uint32_t tag = 0;
  };
  static std::uint32_t tag_of(std::string_view text) {
    const std::uint64_t hash = std::hash<std::string_view>{}(text);
    return static_cast<std::uint32_t>(hash ^ (hash >> 32U));
  }

  // The first slot with this tag that `is_sought`, or the empty one where it would stand.
  template <class Predicate>
  [[nodiscard]] std::size_t find_slot(std::uint32_t tag, const Predicate& is_sought) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = tag & mask;
    while (slots_[at].id != empty && (slots_[at].tag != tag || !is_sought(slots_[at]))) at = (at + 1) & mask;
    return at;
  }
  [[nodiscard]] std::size_t find_slot(std::string_view text, std::uint32_t tag) const {
    return find_slot(tag, [&](const Slot& slot) { return texts_[slot.id] == text; });
  }

  [[nodiscard]] bool needs_growth(std::size_t count) const { return count * 4 > slots_.size() * 3; }

  void grow() {
    std::vector<Slot> larger(slots_.empty() ? first_slots : slots_.size() * 2);
    const std::size_t mask = larger.size() - 1;
    for (const Slot& slot : slots_) {
      if (slot.id == empty) continue;
      std::size_t at = slot.tag & mask;
      while (larger[at].id != empty) at = (at + 1) & mask;
      larger[at] = slot;
    }
    slots_ = std::move(larger);
  }

  std::string_view store(std::string_view text) {
    if (text.size() > left_) {
      const std::size_t size = std::max(block_size_, text.size());
      block_size_ = std::min(block_size_ * 2, largest_block);
      blocks_.push_back(std::make_unique_for_overwrite<char[]>(size));
      next_ = blocks_.back().get();
      left_ = size;
    }
    char* const start = next_;
    text.copy(start, text.size());
    next_ += text.size();
    left_ -= text.size();
    return {start, text.size()};
  }

  std::vector<Slot> slots_;
  std::vector<std::string_view> texts_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  std::size_t left_ = 0;
  std::size_t block_size_ = first_block;
};

}  // namespace revdep::base
