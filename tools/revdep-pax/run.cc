#include "revdep-pax/run.h"

#include <fcntl.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <string_view>
#include <utility>

#include "base/fd.h"
#include "report/names.h"
#include "revdep-pax/commands.h"
#include "revdep-pax/evidence.h"
#include "revdep-pax/heap.h"

namespace revdep::tool {
namespace {

constexpr const char* program_version = "revdep-pax " REVDEP_VERSION "\n";

std::string_view environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

// $PATH's directories. Relative ones depend on who asks and are left out.
std::vector<std::string> path_directories() {
  std::vector<std::string> directories;
  std::string_view left = environment("PATH");
  while (!left.empty()) {
    const std::size_t end = std::min(left.find(':'), left.size());
    if (left.starts_with('/')) directories.emplace_back(left.substr(0, end));
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  return directories;
}

report::Colors choose_colors(Color color) {
  if (color != Color::automatic) return color == Color::always ? report::Colors::yes : report::Colors::no;
  const bool wanted = environment("NO_COLOR").empty() && environment("TERM") != "dumb" && ::isatty(STDOUT_FILENO) == 1;
  return wanted ? report::Colors::yes : report::Colors::no;
}

void start_log(const std::string& level) {
  auto logger = std::make_shared<spdlog::logger>("revdep-pax", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  logger->set_pattern("revdep-pax: %l: %v");
  logger->set_level(spdlog::level::from_str(level));
  spdlog::set_default_logger(std::move(logger));
}

base::Result<Exit> answer(Session& session) {
  switch (session.options.mode) {
    case Mode::forward:
      return session.options.mark ? migrate_system(session) : report_forward(session);
    case Mode::reverse:
      return session.options.mark ? migrate_system(session) : report_reverse(session);
    case Mode::object:
      return session.options.mark ? mark_libraries(session) : report_object(session);
    case Mode::soname:
      return session.options.mark ? mark_soname(session) : report_soname(session);
    case Mode::library:
      return session.options.mark ? mark_library(session) : report_library(session);
    case Mode::tree:
      return report_tree(session);
    case Mode::chain:
      return report_chain(session);
    case Mode::export_graph:
      return report_export(session);
    case Mode::sync_all:
      return sync_all(session);
    case Mode::withdraw_all:
      return withdraw_all(session);
    case Mode::why:
      return report_why(session);
    case Mode::audit:
      return report_audit(session);
    case Mode::suggest:
      return report_suggestions(session);
    case Mode::graph:
      return report_graph(session);
    case Mode::running:
      return report_running(session);
    case Mode::image:
      return mark_image(session);
    default:
      throw std::logic_error("a mode without a command");
  }
}

// Modes that look at files and the journal only; nullptr for those that need the graph.
base::Result<Exit> (*file_command(Mode mode))(FileSession&) {
  switch (mode) {
    case Mode::set:
    case Mode::clear:
    case Mode::sync:
      return edit_files;
    case Mode::verdict:
      return report_verdicts;
    case Mode::history:
      return report_history;
    case Mode::undo:
      return undo_run;
    case Mode::release:
      return release_holds;
    case Mode::from_log:
      return report_denials;
    case Mode::status:
      return report_status;
    default:
      return nullptr;
  }
}

int fail(const base::Error& error) {
  std::cerr << "revdep-pax: " << report::escape(error.to_string()) << '\n';
  return static_cast<int>(Exit::unusable);
}

// What the run could not do or read, each once.
Exit name_problems(std::vector<base::Error> problems, Exit exit) {
  std::sort(problems.begin(), problems.end());
  problems.erase(std::unique(problems.begin(), problems.end()), problems.end());
  for (const base::Error& problem : problems) std::cerr << report::escape(problem.to_string()) << '\n';
  return problems.empty() ? exit : std::max(exit, Exit::findings);
}

int run_on_files(const Options& options, report::Output& output, base::Result<Exit> (*command)(FileSession&)) {
  auto tree = base::Tree::open(options.load.root);
  if (!tree) return fail(tree.error());
  FileSession session{options, *tree, output, choose_colors(options.color), {}};
  const base::Result<Exit> done = command(session);
  output.flush();
  if (!done) return fail(done.error());
  return static_cast<int>(name_problems(std::move(session.problems), *done));
}

}  // namespace

int run(const Options& options) {
  base::Fd null;
  if (options.quiet) null = base::Fd(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  report::Output output(options.quiet ? null.get() : STDOUT_FILENO);
  if (options.mode == Mode::help || options.mode == Mode::version) {
    output << (options.mode == Mode::help ? help_text() : program_version);
    output.flush();
    return static_cast<int>(Exit::clean);
  }
  if (is_editing(options) && !options.yes && !options.pretend && ::isatty(STDIN_FILENO) != 1) {
    std::cerr << "revdep-pax: standard input is no terminal: use -y\n";
    return static_cast<int>(Exit::unusable);
  }
  start_log(options.log_level);
  if (const auto command = file_command(options.mode)) return run_on_files(options, output, command);

  engine::LoadOptions load = options.load;
  load.path = path_directories();
  const bool whole_system =
      options.mode == Mode::forward || options.mode == Mode::reverse || options.mode == Mode::export_graph;
  if (whole_system) load.markings = engine::ReadMarkings::ahead;
  if (options.mode == Mode::soname) load.consumers_of = options.subject;
  // Libraries are mostly named by the link that is called as their soname is. What else it is called costs only time.
  if (options.mode == Mode::library) load.consumers_of = base::split_path(options.subject).second;
  const bool looks_into_files = options.mode == Mode::audit || options.mode == Mode::suggest;
  if (options.mode == Mode::image) load.image = options.subject;
  if (looks_into_files) load.facts = engine::FactsFrom::elf;
  auto tree = base::Tree::open(load.root);
  if (!tree) return fail(tree.error());
  std::vector<base::Error> rule_problems;
  load.rules = read_rules(*tree, rule_problems);
  prepare_heap();
  auto loaded = engine::System::load(load);
  if (!loaded) return fail(loaded.error());
  // Never taken apart: the process ends with it, and the kernel is quicker at that.
  static engine::System& system = *loaded->release();
  spdlog::debug("{} objects of {} packages", system.graph().size(), system.packages().size());

  Session session(options, system, output, choose_colors(options.color), load.path);
  const base::Result<Exit> done = answer(session);
  output.flush();
  if (!done) return fail(done.error());
  std::vector<base::Error> problems = session.system_problems ? *session.system_problems : system.problems();
  problems.insert(problems.end(), session.problems.begin(), session.problems.end());
  problems.insert(problems.end(), rule_problems.begin(), rule_problems.end());
  return static_cast<int>(name_problems(std::move(problems), *done));
}

}  // namespace revdep::tool
