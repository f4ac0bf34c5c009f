// A revdep-paxd that runs beside the test, waited for by what it publishes. Every wait ends when the process does, or after
// a minute: then it throws.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/fd.h"
#include "support/command.h"

namespace revdep::daemon {

class DaemonProcess {
 public:
  using Json = nlohmann::json;

  /// On the root `root`, with the log in a file, `more` options, and unless they say otherwise --settle=0 and
  /// --log-level=debug. It has done nothing yet. `launcher`: the words before its own, of a program that becomes it.
  explicit DaemonProcess(std::string root, const std::vector<std::string>& more = {},
                         const support::Environment& environment = {}, const std::vector<std::string>& launcher = {});
  DaemonProcess(const DaemonProcess&) = delete;
  DaemonProcess& operator=(const DaemonProcess&) = delete;
  /// Kills it if it still runs.
  ~DaemonProcess();

  /// The status as soon as `is_so` of it.
  Json wait_until(const std::function<bool(const Json&)>& is_so);
  /// As soon as more than `turns` were done and nothing waits.
  Json wait_for_turn(std::uint64_t turns = 0);
  /// As soon as the file changed so that `is_so`.
  void wait_for_file(const std::string& path, const std::function<bool()>& is_so);

  void send(int signal) const;
  /// Its exit code once it has ended; 128 + signal when killed.
  int wait();
  /// SIGTERM and wait().
  int end();

  [[nodiscard]] pid_t pid() const { return pid_; }
  /// What it has logged so far.
  [[nodiscard]] std::string log() const;
  /// How often it has.
  [[nodiscard]] std::size_t count_in_log(const std::string& words) const;

 private:
  void wait_for_event(const base::Fd& inotify, std::int64_t deadline) const;

  std::string root_;
  pid_t pid_ = 0;
  base::Fd process_;  // readable when it has ended
};

/// revdep-paxd run to its end.
support::Outcome run_daemon(const std::vector<std::string>& arguments);
/// revdep-pax on that root.
support::Outcome run_program(const std::string& root, const std::vector<std::string>& arguments);

/// What stands in user.pax.flags; "none" without it.
std::string flags(const std::string& file);

}  // namespace revdep::daemon
