// Expected failures as values: what was attempted, on what, and why it failed.
// Broken invariants throw; they never pass through here.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace revdep::base {

/// One failure, printed as "cannot ACTION OBJECT: REASON". `action` is a verb phrase ("read", "set user.pax.flags on").
struct Error {
  std::string action;
  std::string object;
  std::string reason;

  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const Error&, const Error&) = default;
  friend auto operator<=>(const Error&, const Error&) = default;
};

/// An Error whose reason is the system's text for `error_number` (an errno value).
[[nodiscard]] Error system_error(std::string_view action, std::string_view object, int error_number);

/// Either a T or the Error that prevented it. Asking for the one that is not there is a broken invariant: it throws.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  [[nodiscard]] T& value() & { return std::get<0>(state_); }
  [[nodiscard]] const T& value() const& { return std::get<0>(state_); }
  [[nodiscard]] T&& value() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }

  [[nodiscard]] const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

}  // namespace revdep::base
