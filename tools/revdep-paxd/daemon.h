// The loop: sleeps until something is to be done, has the keeper do a turn, and tells the log, the status file and the
// service manager. Decides nothing about files.
//
// One thread, one epoll. A turn is not interrupted: signals and events wait for its end.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/tree.h"
#include "engine/keeper.h"
#include "revdep-paxd/configuration.h"
#include "revdep-paxd/notify.h"
#include "revdep-paxd/options.h"
#include "revdep-paxd/run_directory.h"
#include "revdep-paxd/schedule.h"
#include "revdep-paxd/signals.h"
#include "revdep-paxd/status.h"
#include "revdep-paxd/telling.h"
#include "revdep-paxd/timer.h"
#include "revdep-paxd/wakeups.h"
#include "revdep-paxd/watcher.h"
#include "watch/read_lock.h"

namespace revdep::daemon {

class Daemon {
 public:
  /// The log is open already. Throws std::system_error when the system has no descriptors to give.
  Daemon(const Options& options, base::Tree& tree, Configuration configuration);

  /// Until it is told to end. Error: it cannot begin.
  std::optional<base::Error> run();

 private:
  using TimePoint = Schedule::TimePoint;

  std::optional<base::Error> watch(const Configuration& configuration);
  void note_configuration();
  void first_turn();
  void step();
  void handle_signals();
  void handle_events();
  void handle_clock();
  void reload();
  void attempt_turn();
  void take_turn();
  void account(const engine::Turn& turn, std::chrono::microseconds duration);
  void publish();
  void tell(const base::Error& error) { telling_.tell({error}); }
  [[nodiscard]] std::optional<TimePoint> next_wakeup() const;
  [[nodiscard]] std::string summary() const;

  const Options& options_;
  base::Tree& tree_;
  Configuration configuration_;
  engine::Keeper keeper_;
  Schedule schedule_;
  watch::ReadLock lock_;
  std::unique_ptr<Watcher> watcher_;
  std::optional<RunDirectory> directory_;

  Signals signals_;
  Timer timer_;
  Wakeups wakeups_;
  Notifier notifier_;
  std::optional<std::chrono::microseconds> watchdog_interval_;
  std::optional<TimePoint> watchdog_;  // when it is to hear of us
  std::optional<TimePoint> look_;      // what cannot be watched is to be looked at

  Telling telling_;
  Status status_;
  std::string published_;  // the status as it was last written
  bool full_ = true;       // the next turn is to load afresh
  bool again_ = false;     // the last turn left something to be tried again
  bool told_polling_ = false;
  bool end_ = false;
};

}  // namespace revdep::daemon
