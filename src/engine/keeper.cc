#include "engine/keeper.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <unordered_set>

#include "config/glob.h"
#include "engine/spool.h"
#include "vdb/database.h"

namespace revdep::engine {
namespace {

using base::ObjectId;
using report::Outcome;

// Of what was never planned for.
constexpr std::uint8_t never = 0xff;

// Of the journal, which would grow for ever.
constexpr migrate::RunId prune_interval = 64;
constexpr migrate::RunId kept_runs = 500;

constexpr std::chrono::minutes fight_time{1};
constexpr std::size_t fight_rounds = 3;

// In ns since the epoch; 0 where the filesystem does not keep it.
std::int64_t birth_of(const base::Tree& tree, const std::string& path) {
  struct statx status {};
  const base::Tree::Place place = tree.place(path);
  const int failed = ::statx(place.root, place.path.c_str(), AT_SYMLINK_NOFOLLOW, STATX_BTIME, &status);
  if (failed != 0 || (status.stx_mask & STATX_BTIME) == 0) return 0;
  return std::int64_t{status.stx_btime.tv_sec} * 1'000'000'000 + status.stx_btime.tv_nsec;
}

// Ids of what is gone are not given out again: after so many of them all is loaded afresh.
bool has_outgrown(const graph::Graph& graph, std::size_t objects) { return graph.size() > 2 * objects + 1024; }

}  // namespace

void Keeper::configure(KeeperOptions options) {
  options_ = std::move(options);
  system_.reset();
  given_up_.clear();
  fights_.clear();
}

bool Keeper::load(Turn& turn) {
  turn.full = true;
  system_.reset();
  LoadOptions load = options_.load;
  load.markings = ReadMarkings::ahead;
  auto loaded = System::load(load);
  if (!loaded) {
    turn.problems.push_back(loaded.error());
    turn.incomplete = true;
    return false;
  }
  system_ = std::move(*loaded);
  system_->finish_reading();
  last_asked_.clear();
  const KnownKernel kernel = find_kernel(options_.kernel, system_->tree());
  const EditPolicy edits = choose_edit_policy(kernel.edits, options_.markings, false, system_->tree());
  policy_ = {};
  policy_.kernel = edits.kernel;
  policy_.creates = edits.creates;
  policy_.withdraw = options_.withdraw;
  policy_.identities = &identities_;
  return true;
}

// Those that rules name and no package has.
void Keeper::add_ruled_files() {
  for (const config::Mark& mark : options_.load.rules.marks) {
    if (!config::is_plain(mark.glob)) continue;
    const std::string path = config::plain_path(mark.glob);
    if (const auto status = system_->tree().status(path); status && S_ISREG(status->st_mode)) {
      system_->find_or_read(path);
    }
  }
}

// A package manager that installs a file again does not fight over it, however often.
void Keeper::make_peace(const std::vector<vdb::PackageName>& installed, const std::vector<ObjectId>& objects) {
  for (const ObjectId id : objects) {
    const base::PackageId package = system_->graph().object(id).package;
    if (!package.valid() || std::ranges::find(installed, system_->packages()[package.index()]) == installed.end()) {
      continue;
    }
    const std::string path(system_->graph().path(id));
    fights_.erase(path);
    given_up_.erase(path);
  }
}

std::set<ObjectId> Keeper::take_up(const Occasion& occasion, Turn& turn) {
  std::set<ObjectId> touched;
  bool full = !system_ || occasion.everything;
  if (!full && !(occasion.packages.empty() && occasion.files.empty())) {
    const auto changed = system_->update(occasion.packages);
    full = !changed || has_outgrown(system_->graph(), system_->graph().objects().size());
    if (changed) {
      touched.insert(changed->begin(), changed->end());
      make_peace(occasion.packages, *changed);
    }
  }
  if (full && !load(turn)) return {};
  add_ruled_files();
  for (const std::string& path : occasion.files) {
    const ObjectId id = system_->graph().find(path);
    if (!id.valid()) continue;
    system_->forget_marking(id);
    touched.insert(id);
  }
  for (const std::string& path : pending_) {
    if (const ObjectId id = system_->graph().find(path); id.valid()) touched.insert(id);
  }
  system_->finish_reading();
  return touched;
}

bool Keeper::begin(Turn& turn) {
  if (run_) return true;
  EditRunOptions options;
  options.state = options_.state;
  options.command = options_.command;
  options.wait = false;
  options.set_aside = true;
  auto run = EditRun::begin(system_->tree(), options);
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
  settled_ = true;
  return true;
}

bool Keeper::read_records(Turn& turn) {
  std::optional<migrate::Journal> read_only;
  if (!run_) {
    auto opened = migrate::Journal::open(state_path(system_->tree(), options_.state), migrate::Journal::Access::read);
    if (opened) {
      read_only = std::move(*opened);
    } else if (options_.pretend || !migrate::is_damage(opened.error())) {
      turn.problems.push_back(opened.error());
      return false;
    } else if (!begin(turn)) {
      return false;
    }
  }
  const migrate::Journal& journal = run_ ? run_->journal() : *read_only;
  auto claims = journal.claims();
  auto holds = journal.holds();
  for (const base::Error* const error : {claims ? nullptr : &claims.error(), holds ? nullptr : &holds.error()}) {
    if (error == nullptr) continue;
    turn.problems.push_back(*error);
    return false;
  }
  claims_ = std::move(*claims);
  holds_ = std::move(*holds);
  return true;
}

MigrationPlan Keeper::plan(const std::set<ObjectId>& touched, bool full) {
  policy_.touched = [&](ObjectId id, pax::Relaxations asked) {
    if (last_asked_.size() <= id.index()) last_asked_.resize(system_->graph().size(), never);
    const bool is_new = std::exchange(last_asked_[id.index()], asked.bits()) != asked.bits();
    return full || is_new || touched.contains(id);
  };
  return plan_migration(*system_, policy_, claims_, holds_);
}

bool Keeper::is_fought_over(const Planned& file, TimePoint now) {
  const std::string& path = file.edit.names.front();
  const std::int64_t born = birth_of(system_->tree(), path);
  const auto known = given_up_.find(path);
  if (known != given_up_.end() && known->second == born) return true;
  const auto found = fights_.find(path);
  if (found == fights_.end()) return false;
  Fight& fight = found->second;
  while (!fight.rounds.empty() && now - fight.rounds.front() > fight_time) fight.rounds.pop_front();
  // Another file of that name was installed meanwhile, or we are of another mind ourselves.
  if (fight.born != born || fight.left == file.edit.before) return false;
  fight.rounds.push_back(now);
  if (fight.rounds.size() < fight_rounds) return false;
  given_up_[path] = born;
  return true;
}

void Keeper::apply(const Planned& file, Turn& turn, TimePoint now) {
  const std::string& path = file.edit.names.front();
  const base::PackageId package = system_->graph().object(file.executable).package;
  report::Mark mark;
  mark.path = path;
  if (package.valid()) mark.package = to_string(system_->packages()[package.index()]);
  mark.before = mark.after = file.edit.before;
  mark.why = report::format_reasons(file.reasons);
  if (file.judgement == migrate::Judgement::refused) {
    mark.outcome = Outcome::refused;
    mark.reason = file.reason;
  } else if (!file.contradicted.empty() && file.judgement == migrate::Judgement::right) {
    mark.outcome = Outcome::refused;
    mark.reason = "its own letters contradict";
  } else if (file.judgement == migrate::Judgement::right) {
    return;
  } else if (options_.pretend) {
    mark.outcome = Outcome::pending;
    mark.after = file.edit.after;
  } else if (is_fought_over(file, now)) {
    mark.outcome = Outcome::refused;
    mark.reason = "another program changes its marking again and again: left alone until a reload";
  } else {
    const bool only_withdrawn = !file.withdrawn.empty() && file.reasons.empty();
    EditRun::Change change{file.edit, file.reasons, {}, {}};
    if (file.mark != nullptr && file.mark->nonroot) change.owners = migrate::Owners::any;
    const auto applied = run_->apply(change);
    for (const std::string& name : file.edit.names) {
      if (const ObjectId id = system_->graph().find(name); id.valid()) system_->forget_marking(id);
    }
    if (applied) {
      mark.outcome = only_withdrawn ? Outcome::withdrawn : Outcome::marked;
      mark.after = file.edit.after;
      Fight& fight = fights_[path];
      fight.left = file.edit.after;
      fight.last = now;
      fight.born = birth_of(system_->tree(), path);
      if (applied->unsynced) turn.problems.push_back(*applied->unsynced);
    } else {
      mark.outcome = Outcome::failed;
      const base::Error& error = applied.error();
      mark.reason = error.object == system_->tree().prefix() + path ? error.reason : error.to_string();
      pending_.insert(path);
    }
  }
  turn.marks.push_back(std::move(mark));
}

void Keeper::apply(const MigrationPlan& plan, Turn& turn, TimePoint now) {
  pending_.clear();
  const bool edits =
      std::ranges::any_of(plan.files, [](const Planned& file) { return file.judgement == migrate::Judgement::edit; });
  if (edits && !options_.pretend && !begin(turn)) {
    for (const Planned& file : plan.files) pending_.insert(file.edit.names.front());
    return;
  }
  for (const Planned& file : plan.files) apply(file, turn, now);
  std::erase_if(fights_, [&](const auto& entry) { return now - entry.second.last > fight_time; });
  turn.incomplete = turn.incomplete || !pending_.empty();
  if (run_ && run_->id() % prune_interval == 0 && run_->id() != 0) {
    if (auto error = prune()) turn.problems.push_back(*std::move(error));
  }
  run_.reset();
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
  return journal.prune(options_.command, std::size_t{kept_runs});
}

Turn Keeper::turn(const Occasion& occasion, TimePoint now) {
  Turn turn;
  const std::set<ObjectId> touched = take_up(occasion, turn);
  if (!system_) return turn;
  const bool has_news = !settled_ || !find_spooled(state_path(system_->tree(), options_.state)).empty();
  if (has_news && !options_.pretend && !begin(turn) && !settled_) system_.reset();
  if (system_ && !read_records(turn)) system_.reset();
  if (!system_) {
    // What was touched is not known the next time: then all is.
    run_.reset();
    turn.incomplete = true;
    return turn;
  }
  const MigrationPlan plan = this->plan(touched, turn.full);
  apply(plan, turn, now);
  turn.packages = turn.full ? system_->packages().size() : occasion.packages.size();
  turn.objects = system_->graph().objects().size();
  turn.problems.insert(turn.problems.end(), plan.untrusted.begin(), plan.untrusted.end());
  for (base::Error& problem : system_->problems()) turn.problems.push_back(std::move(problem));
  std::sort(turn.problems.begin(), turn.problems.end());
  turn.problems.erase(std::unique(turn.problems.begin(), turn.problems.end()), turn.problems.end());
  return turn;
}

bool Keeper::concerns(std::string_view path) const {
  if (!system_) return false;
  const bool may_be_library = base::split_path(path).second.find(".so") != std::string_view::npos;
  return may_be_library || path == preserved_libs_path || system_->graph().find(path).valid();
}

std::vector<std::string> Keeper::find_watched() const {
  std::set<std::string> watched = {std::string(preserved_libs_path)};
  for (const config::Mark& mark : options_.load.rules.marks) {
    if (config::is_plain(mark.glob)) watched.insert(config::plain_path(mark.glob));
  }
  if (!system_) return {watched.begin(), watched.end()};
  // Whatever can be loaded, not only what edges lead to: who searches elsewhere may find it, and whom nobody loads today
  // may be loaded tomorrow, with the marking that it was given meanwhile.
  const graph::Graph& graph = system_->graph();
  std::set<std::string_view> directories;
  for (const ObjectId id : graph.objects()) {
    const bool can_be_loaded = !is_executable(graph.object(id).image) || !graph.direct_consumers(id).empty();
    if (can_be_loaded) directories.insert(base::split_path(graph.path(id)).first);
    for (const graph::Plugin& plugin : graph.plugins(id)) {
      directories.insert(base::split_path(graph.path(plugin.object)).first);
    }
  }
  for (const std::string_view directory : directories) {
    watched.insert(directory == "/" ? "/" : std::string(directory) + '/');
  }
  return {watched.begin(), watched.end()};
}

}  // namespace revdep::engine
