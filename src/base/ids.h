// Dense, typed indices. An Id of one kind cannot be mistaken for another's.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>

namespace revdep::base {

template <class Tag>
struct Id {
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

  std::uint32_t value = none;

  [[nodiscard]] constexpr bool valid() const { return value != none; }
  [[nodiscard]] constexpr std::size_t index() const { return value; }
  friend constexpr auto operator<=>(Id, Id) = default;
};

/// A string that objects refer to: a soname, a needed entry.
using NameId = Id<struct NameTag>;
/// An ELF file of the system, one per canonical path.
using ObjectId = Id<struct ObjectTag>;
/// An installed package.
using PackageId = Id<struct PackageTag>;

}  // namespace revdep::base

template <class Tag>
struct std::hash<revdep::base::Id<Tag>> {
  std::size_t operator()(revdep::base::Id<Tag> id) const noexcept { return std::hash<std::uint32_t>{}(id.value); }
};
