#include "engine/keeper.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <ctime>

#include "config/glob.h"
#include "engine/spool.h"
#include "vdb/database.h"

namespace revdep::engine {
namespace {

using base::ObjectId;
using report::Outcome;

// Of what was never planned for.
constexpr std::uint8_t never = 0xff;

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
  journal_.reset();
  watched_.reset();
  given_up_.clear();
  fights_.clear();
}

bool Keeper::load(Turn& turn) {
  turn.full = true;
  system_.reset();
  entry_events_.reset();
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

Keeper::Touched Keeper::take_up(const Occasion& occasion, Turn& turn) {
  Touched touched;
  const std::uint64_t library_changes = system_ ? system_->graph().library_changes() : 0;
  bool full = !system_ || occasion.everything;
  if (!full && !(occasion.packages.empty() && occasion.files.empty())) {
    if (!entry_events_) entry_events_ = watch::EntryEvents::create();
    const auto changed = system_->update(occasion.packages, std::time(nullptr), entry_events_.get());
    full = !changed || has_outgrown(system_->graph(), system_->graph().objects().size());
    if (changed) {
      touched.objects.insert(changed->touched.begin(), changed->touched.end());
      touched.alone = changed->alone;
      make_peace(occasion.packages, changed->touched);
    }
  }
  if (full && !load(turn)) return {};
  add_ruled_files();
  for (const std::string& path : occasion.files) {
    const ObjectId id = system_->graph().find(path);
    if (!id.valid()) continue;
    system_->forget_marking(id);
    touched.objects.insert(id);
  }
  for (const std::string& path : pending_) {
    if (const ObjectId id = system_->graph().find(path); id.valid()) touched.objects.insert(id);
  }
  system_->finish_reading();
  // By now what the database took for a program may have turned out to be a library, or a library have been found.
  touched.alone = touched.alone && system_->graph().library_changes() == library_changes &&
                  std::ranges::none_of(touched.objects, [this](ObjectId id) { return system_->image(id).loadable; });
  return touched;
}

MigrationPlan Keeper::plan(const Touched& touched, bool full) {
  policy_.touched = [&](ObjectId id, pax::Relaxations asked) {
    if (last_asked_.size() <= id.index()) last_asked_.resize(system_->graph().size(), never);
    const bool is_new = std::exchange(last_asked_[id.index()], asked.bits()) != asked.bits();
    return full || is_new || touched.objects.contains(id);
  };
  policy_.among.reset();
  if (touched.alone && !full) {
    policy_.among.emplace();
    for (const ObjectId id : touched.objects) {
      if (system_->graph().present(id)) policy_.among->push_back(id);
    }
  }
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
      note_claim(file.edit.names, run_->claim());
      mark.outcome = only_withdrawn ? Outcome::withdrawn : Outcome::marked;
      mark.after = file.edit.after;
      Fight& fight = fights_[path];
      fight.left = file.edit.after;
      fight.last = now;
      fight.born = birth_of(system_->tree(), path);
      if (applied->unsynced) turn.problems.push_back(*applied->unsynced);
    } else {
      mark.outcome = Outcome::failed;
      records_changed_ = true;
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
  end(turn);
}

Turn Keeper::turn(const Occasion& occasion, TimePoint now) {
  Turn turn;
  const Touched touched = take_up(occasion, turn);
  if (!touched.alone) watched_.reset();
  if (!system_) return turn;
  const bool has_news = !settled_ || !find_spooled(state_path(system_->tree(), options_.state)).empty();
  if (has_news && !options_.pretend && !begin(turn) && !settled_) system_.reset();
  if (system_ && !read_records(turn)) system_.reset();
  if (!system_) {
    watched_.reset();
    // What was touched is not known the next time: then all is.
    end(turn);
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

const std::vector<std::string>& Keeper::find_watched() {
  if (watched_) return *watched_;
  std::set<std::string> watched = {std::string(preserved_libs_path)};
  for (const config::Mark& mark : options_.load.rules.marks) {
    if (config::is_plain(mark.glob)) watched.insert(config::plain_path(mark.glob));
  }
  if (!system_) return watched_.emplace(watched.begin(), watched.end());
  // Whatever can be loaded, not only what edges lead to: who searches elsewhere may find it, and whom nobody loads today
  // may be loaded tomorrow, with the marking that it was given meanwhile.
  const graph::Graph& graph = system_->graph();
  std::set<std::string_view> directories;
  std::string_view last;  // neighbours lie in one directory
  const auto add = [&](ObjectId id) {
    const std::string_view directory = base::split_path(graph.path(id)).first;
    if (directory != last) directories.insert(last = directory);
  };
  for (const ObjectId id : graph.objects()) {
    const bool can_be_loaded = !is_executable(graph.object(id).image) || !graph.direct_consumers(id).empty();
    if (can_be_loaded) add(id);
    for (const graph::Plugin& plugin : graph.plugins(id)) add(plugin.object);
  }
  for (const std::string_view directory : directories) {
    watched.insert(directory == "/" ? "/" : std::string(directory) + '/');
  }
  return watched_.emplace(watched.begin(), watched.end());
}

}  // namespace revdep::engine
