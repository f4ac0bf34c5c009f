// A program's system calls as strace writes them down, and the places where one of them can be made to fail. Runs nothing.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace revdep::faults {

struct Call {
  int process = 0;
  std::string name;
  std::string arguments;  ///< with the parentheses, and the result where it was written in one line
};

/// A log of `strace -f -o`. What was interrupted by another thread's call is there once, at its beginning.
std::vector<Call> parse_log(std::string_view log);

/// What `-e inject` makes of a call.
inline constexpr std::string_view fails = "error=EIO";
inline constexpr std::string_view out_of_space = "error=ENOSPC";
inline constexpr std::string_view killed = "signal=SIGKILL";

struct Point {
  std::string call;
  std::size_t ordinal = 0;  ///< as strace counts: by thread, from 1
  std::string fault;
};

/// "pwrite64 3 error=EIO"
std::string describe(const Point& point);

/// Every fault of every call that the process that began the log and its threads make from the first one that names `path` on
/// (before that only the dynamic loader's), of those which can fail and mean something.
std::vector<Point> find_points(const std::vector<Call>& calls, std::string_view path);

/// Every `stride`th; and of each call the first, which fails, and the last, which is killed.
std::vector<Point> choose_points(const std::vector<Point>& points, std::size_t stride);

}  // namespace revdep::faults
