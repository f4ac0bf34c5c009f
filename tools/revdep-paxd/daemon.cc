#include "revdep-paxd/daemon.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <utility>

#include "base/counted.h"
#include "config/glob.h"
#include "report/names.h"
#include "revdep-paxd/heap.h"
#include "revdep-paxd/log.h"
#include "revdep-paxd/metrics.h"
#include "revdep-paxd/publish.h"

namespace revdep::daemon {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds retry_interval{30};
constexpr std::chrono::seconds look_interval{30};

Schedule::Limits limits(const config::Settings& settings) {
  return {{settings.settle, settings.max_delay}, settings.lock_timeout};
}

// As the kernel stamps files.
timespec file_clock() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
  return now;
}

}  // namespace

Daemon::Daemon(const Options& options, base::Tree& tree, Configuration configuration)
    : options_(options),
      tree_(tree),
      configuration_(std::move(configuration)),
      keeper_(keeper_options(options_, configuration_)),
      schedule_(limits(configuration_.settings)),
      lock_(database_path(tree_, configuration_.settings)),
      notifier_(std::getenv("NOTIFY_SOCKET")),
      watchdog_interval_(watchdog_interval(std::getenv("WATCHDOG_USEC"), std::getenv("WATCHDOG_PID"), ::getpid())) {
  wakeups_.add(signals_.fd());
  wakeups_.add(timer_.fd());
  status_.pid = ::getpid();
  status_.started = std::time(nullptr);
  note_configuration();
}

void Daemon::note_configuration() {
  status_.rules = count_rules(configuration_.rules);
  const engine::KnownKernel kernel = engine::find_kernel(configuration_.settings.kernel, tree_);
  status_.kernel = kernel.judges;
  status_.kernel_source = kernel.source;
}

std::optional<base::Error> Daemon::run() {
  if (!options_.pretend) {
    auto directory = RunDirectory::take(tree_);
    if (!directory) return directory.error();
    directory_.emplace(std::move(*directory));
  }
  // What a killed one left is not ours.
  publish();
  telling_.tell(configuration_.errors);
  if (auto error = watch(configuration_)) return error;
  first_turn();
  if (watchdog_interval_) watchdog_ = steady_clock::now() + *watchdog_interval_;
  notifier_.send("READY=1\nSTATUS=" + summary());
  while (!end_) step();
  notifier_.send("STOPPING=1");
  if (directory_) directory_->clear();
  spdlog::info("ended");
  return std::nullopt;
}

// Whatever happens after this is noticed: it comes before all is read.
std::optional<base::Error> Daemon::watch(const Configuration& configuration) {
  Watcher::Wanted wanted;
  wanted.database = database_path(tree_, configuration.settings);
  for (const config::Mark& mark : configuration.rules.marks) {
    if (config::is_plain(mark.glob)) wanted.named.insert(config::plain_path(mark.glob));
  }
  wanted.concerns = [this](std::string_view path) { return keeper_.concerns(path); };
  auto watcher = Watcher::create(tree_, std::move(wanted));
  if (!watcher) return watcher.error();
  watcher_ = std::move(*watcher);
  wakeups_.add(watcher_->fd());
  return std::nullopt;
}

// Not put off for a merge: it may be that merge that waits for us to be ready. Then what it has not done yet is for a second
// one.
void Daemon::first_turn() {
  const bool is_merging = lock_.try_lock().state == watch::LockState::busy;
  lock_.unlock();
  full_ = true;
  take_turn();
  if (is_merging) {
    full_ = true;
    schedule_.demand(steady_clock::now());
  }
  handle_events();
  publish();
}

void Daemon::step() {
  handle_signals();
  if (end_) return;
  handle_events();
  handle_clock();
  if (schedule_.due(steady_clock::now())) {
    attempt_turn();
    // Lest the status calls us idle.
    handle_events();
  }
  publish();
  timer_.set(next_wakeup());
  wakeups_.wait();
}

std::optional<Daemon::TimePoint> Daemon::next_wakeup() const {
  std::optional<TimePoint> next;
  for (const std::optional<TimePoint>& time : {schedule_.next(), watchdog_, look_}) {
    if (time && (!next || *time < *next)) next = time;
  }
  return next;
}

void Daemon::handle_signals() {
  const Wishes wishes = signals_.read();
  end_ = wishes.end;
  if (end_) return;
  if (wishes.reload) reload();
  if (wishes.full) {
    full_ = true;
    schedule_.demand(steady_clock::now());
  }
}

// Whether everything can be watched may change without a turn, as while there is no database.
void Daemon::handle_events() {
  const auto noted = watcher_->read();
  if (!noted) return tell(noted.error());
  const TimePoint now = steady_clock::now();
  if (*noted) schedule_.note(now);
  status_.polling = watcher_->polling();
  if (!status_.polling) return look_.reset();
  if (!look_) look_ = now + look_interval;
  if (!std::exchange(told_polling_, true)) {
    spdlog::warn("not everything can be watched: it is looked at every {} s instead", look_interval.count());
  }
}

void Daemon::handle_clock() {
  const TimePoint now = steady_clock::now();
  if (watchdog_ && *watchdog_ <= now) {
    notifier_.send("WATCHDOG=1");
    watchdog_ = now + *watchdog_interval_;
  }
  if (look_ && *look_ <= now) {
    if (watcher_->look()) schedule_.demand(now);
    look_ = now + look_interval;
  }
}

// Taken only to see that nobody merges at this moment, and given back at once: it must not be held while files are edited,
// and the keeper reads and edits in one go. A merge that begins meanwhile is noticed, and another turn follows.
void Daemon::attempt_turn() {
  const watch::ReadLock::Attempt attempt = lock_.try_lock();
  lock_.unlock();
  if (attempt.error) tell(*attempt.error);
  switch (schedule_.tried(attempt.state == watch::LockState::busy, steady_clock::now())) {
    case Schedule::Go::not_yet:
      return;
    case Schedule::Go::without_lock:
      spdlog::warn("{} has been locked for {} s: not waited for any longer", report::escape(lock_.path()),
                   std::chrono::duration_cast<std::chrono::seconds>(configuration_.settings.lock_timeout).count());
      break;
    case Schedule::Go::now:
      break;
  }
  take_turn();
}

void Daemon::take_turn() {
  schedule_.taken();
  Watcher::News news = watcher_->take();
  telling_.tell(news.problems);
  if (std::exchange(status_.database, news.present) != news.present || (!news.present && status_.turns == 0)) {
    const std::string database = report::escape(database_path(tree_, configuration_.settings));
    if (!news.present) spdlog::warn("there is no package database {}: waiting for it", database);
    if (news.present && status_.turns != 0) spdlog::info("the package database {} is there again", database);
  }
  if (!news.present) return;
  engine::Occasion& occasion = news.occasion;
  if (!news.rescan.empty()) spdlog::info("all is looked at again: {}", news.rescan);
  occasion.everything |= std::exchange(full_, false);
  if (!occasion.everything && occasion.packages.empty() && occasion.files.empty() && !again_) return;

  const timespec since = file_clock();
  const TimePoint begun = steady_clock::now();
  const engine::Turn turn = keeper_.turn(occasion, begun);
  account(turn, std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - begun));
  telling_.tell(turn, *status_.last);

  const TimePoint now = steady_clock::now();
  if (watcher_->follow(keeper_.find_watched(), since)) schedule_.note(now);
  again_ = turn.incomplete;
  if (again_) schedule_.demand(now + retry_interval);
  if (turn.full) trim_heap();
  notifier_.send("STATUS=" + summary());
}

void Daemon::account(const engine::Turn& turn, std::chrono::microseconds duration) {
  LastTurn last;
  last.time = std::time(nullptr);
  last.duration = duration;
  last.full = turn.full;
  last.packages = turn.packages;
  last.objects = turn.objects;
  last.outcomes = Telling::count(turn);
  last.pending = keeper_.pending() + static_cast<std::size_t>(std::ranges::count(turn.marks, report::Outcome::pending,
                                                                                 &report::Mark::outcome));
  last.complete = !turn.incomplete;
  status_.last = last;
  ++status_.turns;
  status_.packages += last.packages;
  status_.outcomes.marked += last.outcomes.marked;
  status_.outcomes.withdrawn += last.outcomes.withdrawn;
  status_.outcomes.refused += last.outcomes.refused;
  status_.outcomes.failed += last.outcomes.failed;
}

void Daemon::publish() {
  status_.idle = watcher_ && schedule_.idle(steady_clock::now());
  if (!directory_) return;
  std::string json = format_status_json(status_);
  if (json == published_) return;
  const std::string& metrics = configuration_.settings.metrics_file;
  if (!metrics.empty() && status_.last) {
    if (auto error = daemon::publish(metrics, format_metrics(status_))) tell(*error);
  }
  // Last, so that who waits for a turn finds all that it wrote.
  if (auto error = directory_->publish_status(json)) tell(*error);
  published_ = std::move(json);
}

// A configuration with a fault is refused as a whole, lest half of it is in force. A good one begins as a start does: watched,
// then read.
void Daemon::reload() {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now().time_since_epoch());
  notifier_.send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now.count()));
  Configuration read = read_configuration(tree_, options_);
  if (read.errors.empty()) {
    if (auto error = start_log(read.settings)) read.errors.push_back(*std::move(error));
  }
  if (read.errors.empty()) {
    if (auto error = watch(read)) read.errors.push_back(*std::move(error));
  }
  if (read.errors.empty()) {
    configuration_ = std::move(read);
    note_configuration();
    keeper_.configure(keeper_options(options_, configuration_));
    schedule_ = Schedule(limits(configuration_.settings));
    lock_ = watch::ReadLock(database_path(tree_, configuration_.settings));
    telling_ = {};
    told_polling_ = false;
    spdlog::info("configuration read again: {} in force", base::counted(status_.rules, "rule"));
    first_turn();
  } else {
    for (const base::Error& error : read.errors) spdlog::error("{}", report::escape(error.to_string()));
    spdlog::error("reload refused: what was in force stays so");
  }
  notifier_.send("READY=1\nSTATUS=" + summary());
}

std::string Daemon::summary() const {
  if (!status_.database) return "waits for the package database";
  const Outcomes& all = status_.outcomes;
  return base::counted(status_.last ? status_.last->objects : 0, "object") + " known, " + std::to_string(all.marked) +
         " marked and " + std::to_string(all.withdrawn) + " withdrawn since the start, " +
         std::to_string(status_.last ? status_.last->pending : 0) + " pending";
}

}  // namespace revdep::daemon
