#include "revdep-paxd/telling.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "base/counted.h"
#include "report/names.h"
#include "report/stores.h"

namespace revdep::daemon {
namespace {

using report::Outcome;

// Of a daemon that runs for years, most of whose problems went with their packages.
constexpr std::size_t most_told = 10'000;

std::string changes(const report::Mark& mark) {
  std::string text;
  if (mark.before.xattr != mark.after.xattr) {
    text = "user.pax.flags " + report::show_xattr(mark.before.xattr) + " -> " + report::show_xattr(mark.after.xattr);
  }
  if (mark.before.header != mark.after.header) {
    text += (text.empty() ? "PT_PAX " : ", PT_PAX ") + report::show_header(mark.before.header) + " -> " +
            report::show_header(mark.after.header);
  }
  return text;
}

std::string_view verb(Outcome outcome) {
  switch (outcome) {
    case Outcome::marked:
      return "marked ";
    case Outcome::withdrawn:
      return "withdrew from ";
    case Outcome::pending:
      return "would mark ";
    case Outcome::refused:
      return "refused to mark ";
    default:
      return "failed to mark ";
  }
}

spdlog::level::level_enum level_of(Outcome outcome) {
  if (outcome == Outcome::failed) return spdlog::level::err;
  return outcome == Outcome::refused ? spdlog::level::warn : spdlog::level::info;
}

}  // namespace

std::string format_mark(const report::Mark& mark) {
  std::string line = std::string(verb(mark.outcome)) + report::escape(mark.path);
  if (!mark.package.empty()) line += " [" + report::escape(mark.package) + ']';
  line += ": " + (mark.reason.empty() ? changes(mark) : report::escape(mark.reason));
  if (!mark.why.empty()) line += " (" + mark.why + ')';
  return line;
}

Outcomes Telling::count(const engine::Turn& turn) {
  Outcomes counts;
  for (const report::Mark& mark : turn.marks) {
    counts.marked += mark.outcome == Outcome::marked ? 1U : 0U;
    counts.withdrawn += mark.outcome == Outcome::withdrawn ? 1U : 0U;
    counts.refused += mark.outcome == Outcome::refused ? 1U : 0U;
    counts.failed += mark.outcome == Outcome::failed ? 1U : 0U;
  }
  return counts;
}

// False: it was told before.
bool Telling::tell_once(spdlog::level::level_enum level, const std::string& line) {
  came_upon_.insert(line);
  if (told_.contains(line)) return false;
  spdlog::log(level, "{}", line);
  return true;
}

void Telling::tell_each(const std::vector<base::Error>& problems) {
  for (const base::Error& problem : problems) tell_once(spdlog::level::warn, report::escape(problem.to_string()));
}

void Telling::tell(const std::vector<base::Error>& problems) {
  tell_each(problems);
  told_.merge(came_upon_);
  came_upon_.clear();
}

void Telling::tell(const engine::Turn& turn, const LastTurn& numbers) {
  for (const std::string& note : turn.notes) spdlog::info("{}", report::escape(note));
  bool is_worth_a_summary = false;
  for (const report::Mark& mark : turn.marks) {
    const bool is_change = mark.outcome == Outcome::marked || mark.outcome == Outcome::withdrawn;
    if (is_change) spdlog::info("{}", format_mark(mark));
    is_worth_a_summary |= is_change || tell_once(level_of(mark.outcome), format_mark(mark));
  }
  tell_each(turn.problems);
  if (turn.full || told_.size() > most_told) told_.clear();
  told_.merge(came_upon_);
  came_upon_.clear();
  spdlog::log(is_worth_a_summary ? spdlog::level::info : spdlog::level::debug,
              "{}, {} known: {} marked, {} withdrawn, {} refused, {} failed, {} pending; {} ms",
              base::counted(numbers.packages, "package"), base::counted(numbers.objects, "object"),
              numbers.outcomes.marked, numbers.outcomes.withdrawn, numbers.outcomes.refused, numbers.outcomes.failed,
              numbers.pending, std::chrono::duration_cast<std::chrono::milliseconds>(numbers.duration).count());
}

}  // namespace revdep::daemon
