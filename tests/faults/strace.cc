#include "faults/strace.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>

namespace revdep::faults {
namespace {

// Calls that ask for memory, threads, signals or an end. They fail as malloc() does, or not at all, and to be killed there
// is to be killed before the next call that is no such.
const std::set<std::string> left_out = {"execve",
                                        "brk",
                                        "mmap",
                                        "mremap",
                                        "munmap",
                                        "mprotect",
                                        "madvise",
                                        "arch_prctl",
                                        "set_tid_address",
                                        "set_robust_list",
                                        "rseq",
                                        "prlimit64",
                                        "getrandom",
                                        "rt_sigaction",
                                        "rt_sigprocmask",
                                        "rt_sigreturn",
                                        "sigaltstack",
                                        "futex",
                                        "clone",
                                        "clone3",
                                        "exit",
                                        "exit_group",
                                        "restart_syscall",
                                        "sched_yield",
                                        "getpid",
                                        "gettid",
                                        "getuid",
                                        "geteuid",
                                        "sched_getaffinity",
                                        "prctl"};

bool takes_space(const std::string& call) {
  static const std::set<std::string> names = {
      "write",     "pwrite64", "writev",    "fsetxattr", "fremovexattr",    "openat", "open",
      "mkdirat",   "mkdir",    "ftruncate", "fallocate", "copy_file_range", "ioctl",  "fsync",
      "fdatasync", "renameat", "renameat2", "fchown",    "fchmod"};
  return names.contains(call);
}

}  // namespace

std::vector<Call> parse_log(std::string_view log) {
  std::vector<Call> calls;
  while (!log.empty()) {
    const std::string_view line = log.substr(0, log.find('\n'));
    log.remove_prefix(std::min(line.size() + 1, log.size()));
    Call call;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), call.process);
    if (error != std::errc()) continue;
    std::string_view rest = line.substr(static_cast<std::size_t>(end - line.data()));
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    const std::size_t name = rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_");
    if (name == 0 || name == std::string_view::npos || rest[name] != '(') continue;
    call.name = rest.substr(0, name);
    call.arguments = rest.substr(name);
    calls.push_back(std::move(call));
  }
  return calls;
}

std::string describe(const Point& point) {
  return point.call + ' ' + std::to_string(point.ordinal) + ' ' + point.fault;
}

std::vector<Point> find_points(const std::vector<Call>& calls, std::string_view path) {
  struct Range {
    std::size_t first = 0;
    std::size_t last = 0;
  };
  std::map<std::string, Range> ranges;
  std::map<std::pair<int, std::string>, std::size_t> counts;
  bool started = false;
  for (const Call& call : calls) {
    started = started || (call.name != "execve" && call.arguments.find(path) != std::string::npos);
    const std::size_t ordinal = ++counts[{call.process, call.name}];
    if (!started || left_out.contains(call.name)) continue;
    Range& range = ranges[call.name];
    if (range.first == 0 || ordinal < range.first) range.first = ordinal;
    range.last = std::max(range.last, ordinal);
  }
  std::vector<Point> points;
  for (const auto& [name, range] : ranges) {
    for (const std::string_view fault : {fails, out_of_space, killed}) {
      if (fault == out_of_space && !takes_space(name)) continue;
      for (std::size_t ordinal = range.first; ordinal <= range.last; ++ordinal)
        points.push_back({name, ordinal, std::string(fault)});
    }
  }
  return points;
}

std::vector<Point> choose_points(const std::vector<Point>& points, std::size_t stride) {
  std::map<std::string, std::pair<std::size_t, std::size_t>> ends;
  for (const Point& point : points) {
    auto& [first, last] = ends.try_emplace(point.call, point.ordinal, point.ordinal).first->second;
    first = std::min(first, point.ordinal);
    last = std::max(last, point.ordinal);
  }
  std::vector<Point> chosen;
  for (std::size_t index = 0; index < points.size(); ++index) {
    const Point& point = points[index];
    const auto [first, last] = ends.at(point.call);
    const bool is_end =
        (point.ordinal == first && point.fault == fails) || (point.ordinal == last && point.fault == killed);
    if (is_end || index % stride == 0) chosen.push_back(point);
  }
  return chosen;
}

}  // namespace revdep::faults
