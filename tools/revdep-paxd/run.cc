#include "revdep-paxd/run.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iostream>
#include <thread>
#include <utility>

#include "base/fd.h"
#include "report/names.h"
#include "report/output.h"
#include "revdep-paxd/configuration.h"
#include "revdep-paxd/daemon.h"
#include "revdep-paxd/heap.h"
#include "revdep-paxd/log.h"

namespace revdep::daemon {
namespace {

constexpr const char* program_version = "revdep-paxd " REVDEP_VERSION "\n";
constexpr std::size_t list_limit = std::size_t{16} << 20U;

enum class Exit : int { clean = 0, findings = 1, unusable = 2 };

int leave(Exit exit) { return static_cast<int>(exit); }

int fail(const base::Error& error) {
  std::cerr << "revdep-paxd: " << report::escape(error.to_string()) << '\n';
  return leave(Exit::unusable);
}

int print(std::string_view text) {
  report::Output output(STDOUT_FILENO);
  output << text;
  output.flush();
  return leave(Exit::clean);
}

int name_all(const std::vector<base::Error>& errors) {
  for (const base::Error& error : errors) std::cerr << report::escape(error.to_string()) << '\n';
  return leave(errors.empty() ? Exit::clean : Exit::findings);
}

int import_list(const Options& options) {
  const base::Fd file(::open(options.list.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!file) return fail(base::system_error("read", options.list, errno));
  const auto text = base::read_all(file.get(), list_limit, options.list);
  if (!text) return fail(text.error());
  const config::Imported imported = config::import_rules(options.format, *text, options.list);
  print(imported.rules);
  return name_all(imported.errors);
}

// As the daemon does before a turn. It asks again and again, as nothing tells when the lock goes.
void wait_for_lock(const base::Tree& tree, const config::Settings& settings) {
  using std::chrono::steady_clock;
  watch::ReadLock lock(database_path(tree, settings));
  Schedule schedule({{}, settings.lock_timeout});
  while (true) {
    const bool busy = lock.try_lock().state == watch::LockState::busy;
    lock.unlock();
    const Schedule::Go go = schedule.tried(busy, steady_clock::now());
    if (go == Schedule::Go::without_lock) spdlog::warn("{} is locked: not waited for any longer", lock.path());
    if (go != Schedule::Go::not_yet) return;
    std::this_thread::sleep_until(*schedule.next());
  }
}

int run_once(const Options& options, const base::Tree& tree, const Configuration& configuration) {
  Telling telling;
  telling.tell(configuration.errors);
  wait_for_lock(tree, configuration.settings);
  engine::Keeper keeper(keeper_options(options, configuration));
  engine::Occasion occasion;
  occasion.everything = true;
  const auto begun = std::chrono::steady_clock::now();
  const engine::Turn turn = keeper.turn(occasion, begun);
  LastTurn numbers;
  numbers.duration = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begun);
  numbers.full = true;
  numbers.packages = turn.packages;
  numbers.objects = turn.objects;
  numbers.outcomes = Telling::count(turn);
  numbers.pending = keeper.pending() + static_cast<std::size_t>(std::ranges::count(turn.marks, report::Outcome::pending,
                                                                                   &report::Mark::outcome));
  telling.tell(turn, numbers);
  // Nothing is known where the database, the lock or the journal could not be had.
  if (turn.incomplete && turn.objects == 0) return leave(Exit::unusable);
  const bool all_done = configuration.errors.empty() && turn.problems.empty() && !turn.incomplete &&
                        numbers.pending + numbers.outcomes.refused + numbers.outcomes.failed == 0;
  return leave(all_done ? Exit::clean : Exit::findings);
}

}  // namespace

int run(const Options& options) {
  if (options.mode == Mode::help) return print(help_text());
  if (options.mode == Mode::version) return print(program_version);
  if (options.mode == Mode::import_list) return import_list(options);
  auto tree = base::Tree::open(options.root);
  if (!tree) return fail(tree.error());
  Configuration configuration = read_configuration(*tree, options);
  if (options.mode == Mode::check_config) return name_all(configuration.errors);
  if (const auto error = start_log(configuration.settings)) return fail(*error);
  limit_heap();
  if (options.mode == Mode::once) return run_once(options, *tree, configuration);
  const config::LogTarget log = configuration.settings.log_target;
  Daemon daemon(options, *tree, std::move(configuration));
  const auto error = daemon.run();
  if (!error) return leave(Exit::clean);
  // A service's standard error may go nowhere.
  if (!is_on_standard_error(log)) spdlog::error("{}", report::escape(error->to_string()));
  return fail(*error);
}

}  // namespace revdep::daemon
