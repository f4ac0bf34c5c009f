// The keeper's part in the journal: when it opens one, what it knows of it between turns, and what it lets go.
#include <algorithm>
#include <unordered_set>
#include <utility>

#include "engine/keeper.h"

namespace revdep::engine {
namespace {

using base::ObjectId;

// Of the journal, which would grow for ever.
constexpr migrate::RunId prune_interval = 64;
constexpr migrate::RunId kept_runs = 500;

}  // namespace

bool Keeper::begin(Turn& turn) {
  if (run_) return true;
  EditRunOptions options;
  options.state = options_.state;
  options.command = options_.command;
  options.wait = false;
  options.again = true;
  options.set_aside = true;
  auto run = EditRun::begin(system_->tree(), options, std::exchange(journal_, std::nullopt));
  if (!run) {
    turn.problems.push_back(run.error());
    turn.incomplete = true;
    return false;
  }
  run_.emplace(std::move(*run));
  for (const std::string& sentence : run_->settled()) turn.notes.push_back(sentence);
  for (const std::string& path : run_->settled_files()) {
    if (const ObjectId id = system_->graph().find(path); id.valid()) system_->forget_marking(id);
  }
  records_changed_ = !run_->continues();
  settled_ = true;
  return true;
}

std::optional<base::Error> Keeper::read_records(const migrate::Journal& journal) {
  auto claims = journal.claims();
  if (!claims) return claims.error();
  auto holds = journal.holds();
  if (!holds) return holds.error();
  claims_ = std::move(*claims);
  holds_ = std::move(*holds);
  return std::nullopt;
}

// What is ours of an edited file now, whichever of its names was claimed before.
void Keeper::note_claim(const std::vector<std::string>& names, const std::optional<migrate::Claim>& claim) {
  const auto path_of = [](const migrate::Claim& known) -> const std::string& { return known.file.path; };
  const auto find = [&](const std::string& path) { return std::ranges::lower_bound(claims_, path, {}, path_of); };
  for (const std::string& name : names) {
    if (const auto found = find(name); found != claims_.end() && found->file.path == name) claims_.erase(found);
  }
  if (claim) claims_.insert(find(claim->file.path), *claim);
}

bool Keeper::read_records(Turn& turn) {
  if (!run_) {
    const std::string state = state_path(system_->tree(), options_.state);
    if (journal_ && journal_->is_current(state)) return true;
    journal_.reset();
    auto opened = migrate::Journal::open(state, migrate::Journal::Access::read);
    if (opened) {
      journal_ = std::move(*opened);
    } else if (options_.pretend || !migrate::is_damage(opened.error())) {
      turn.problems.push_back(opened.error());
      return false;
    } else if (!begin(turn)) {
      return false;
    }
  }
  if (auto error = read_records(run_ ? run_->journal() : *journal_)) {
    journal_.reset();
    turn.problems.push_back(*std::move(error));
    return false;
  }
  records_changed_ = false;
  return true;
}

void Keeper::end(Turn& turn) {
  if (!run_) return;
  if (run_->id() % prune_interval == 0 && run_->id() != 0) {
    if (auto error = prune()) turn.problems.push_back(*std::move(error));
  }
  const bool is_known = !std::exchange(records_changed_, false) || !read_records(run_->journal());
  migrate::Journal journal = std::move(*run_).end();
  run_.reset();
  if (is_known) journal_ = std::move(journal);
}

// A claim keeps what it stands on. One that is as old as that may be of a file that is long gone.
std::optional<base::Error> Keeper::prune() {
  migrate::Journal& journal = run_->journal();
  const auto claims = journal.claims();
  if (!claims) return claims.error();
  std::unordered_set<std::string> claimed;
  for (const migrate::Claim& claim : *claims) claimed.insert(claim.file.path);
  identities_.keep_only(claimed);
  for (const migrate::Claim& claim : *claims) {
    const auto edits = journal.edits_on(claim.file.path);
    if (!edits) return edits.error();
    const bool is_recent = !edits->empty() && edits->back().run + kept_runs > run_->id();
    if (is_recent) continue;
    const auto there = identities_.read(system_->tree(), claim.file.path);
    if (there && *there == claim.file) continue;
    if (auto error = journal.forget_claim(claim.file.path)) return error;
  }
  if (auto error = journal.prune(options_.command, std::size_t{kept_runs})) return error;
  return read_records(journal);
}

}  // namespace revdep::engine
