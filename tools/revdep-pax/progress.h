// How far a long run is, on a terminal: nothing in the first second, then one line that is rewritten.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <ostream>

namespace revdep::tool {

class Progress {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  /// `shown`: `to` is a terminal and nobody is asked anything there.
  Progress(std::ostream& to, bool shown, Clock clock = std::chrono::steady_clock::now);

  /// How many steps there will be.
  void expect(std::size_t steps) { expected_ = steps; }
  void step();
  /// Takes the line away, for what else is to be written.
  void clear();

 private:
  std::ostream& to_;
  bool shown_;
  Clock clock_;
  std::chrono::steady_clock::time_point next_;  // when the line is due
  std::size_t expected_ = 0;
  std::size_t done_ = 0;
  bool stands_ = false;
};

}  // namespace revdep::tool
