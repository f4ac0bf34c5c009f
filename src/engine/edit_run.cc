#include "engine/edit_run.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <utility>

#include "base/secure_open.h"
#include "elf/marking_reader.h"
#include "engine/spool.h"
#include "migrate/identity.h"

namespace revdep::engine {
namespace {

using base::Error;
using base::Result;
using migrate::EditState;

constexpr const char* lock_name = "revdep-pax.lock";

// Who really runs it, where sudo tells.
std::uint32_t caller() {
  if (const char* const sudo = std::getenv("SUDO_UID"); sudo != nullptr && *sudo != '\0') {
    char* end = nullptr;
    const unsigned long uid = std::strtoul(sudo, &end, 10);
    if (*end == '\0') return static_cast<std::uint32_t>(uid);
  }
  return static_cast<std::uint32_t>(::getuid());
}

// An flock in /run below the root, wherever that leads inside it.
Result<base::Fd> take_lock(base::Tree& tree, const EditRunOptions& options) {
  const std::string shown = tree.prefix() + "/run/" + lock_name;
  const bool is_new = ::mkdirat(tree.descriptor(), "run", 0755) == 0;
  if (!is_new && errno != EEXIST) return base::system_error("lock", shown, errno);
  // Others hold on to what the tree knows: it need not hear of a directory that was made since.
  const std::string* const directory = tree.resolve_directory("/run");
  if (directory == nullptr && !is_new) {
    const auto status = tree.status("/run");
    if (!status || !S_ISDIR(status->st_mode)) return Error{"lock", shown, "no such directory"};
  }
  const std::string path = base::join_path(directory == nullptr ? "/run" : *directory, lock_name);
  base::Fd fd(::openat(tree.descriptor(), path.c_str() + 1, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return base::system_error("lock", shown, errno);
  int result = ::flock(fd.get(), LOCK_EX | LOCK_NB);
  if (result != 0 && errno == EWOULDBLOCK) {
    if (!options.wait) return Error{"lock", shown, "another run is writing"};
    if (options.on_waiting) options.on_waiting();
    do {
      result = ::flock(fd.get(), LOCK_EX);
    } while (result != 0 && errno == EINTR);
  }
  if (result != 0) return base::system_error("lock", shown, errno);
  return fd;
}

std::int64_t mtime_ns(const struct stat& status) {
  return std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
}

Result<pax::Stores> read_now(const base::Tree& tree, std::string_view path) {
  auto marked = elf::read_marked_object(tree, path);
  if (!marked) return marked.error();
  return std::move(marked->stores);
}

}  // namespace

std::string state_path(base::Tree& tree, const std::string& given) {
  if (!given.empty()) return given;
  // What is a link inside the root must not lead out of it.
  std::string directory = "/var/lib/revdep-pax";
  std::string below;
  while (directory.size() > 1) {
    if (const std::string* const canonical = tree.resolve_directory(directory)) {
      directory = *canonical;
      break;
    }
    const auto [parent, name] = base::split_path(directory);
    below = below.empty() ? std::string(name) : base::join_path(name, below);
    directory = std::string(parent);
  }
  if (!below.empty()) directory = base::join_path(directory, below);
  return tree.prefix() + base::join_path(directory, "state.db");
}

EditRun::EditRun(base::Tree& tree, EditRunOptions options, base::Fd lock, migrate::Journal journal)
    : tree_(&tree), options_(std::move(options)), lock_(std::move(lock)), journal_(std::move(journal)) {}

Result<EditRun> EditRun::begin(base::Tree& tree, const EditRunOptions& options, std::optional<migrate::Journal> kept) {
  using Access = migrate::Journal::Access;
  Result<base::Fd> lock = options.alone ? base::Fd() : take_lock(tree, options);
  if (!lock) return lock.error();
  const std::string state = state_path(tree, options.state);
  const bool is_kept = kept && kept->access() == Access::write && kept->is_current(state);
  Result<migrate::Journal> journal = is_kept ? std::move(*kept) : migrate::Journal::open(state, Access::write);
  std::string aside;
  if (!journal && options.set_aside && migrate::is_damage(journal.error())) {
    const base::Error damage = journal.error();
    aside = state + ".damaged-" + std::to_string(std::time(nullptr));
    if (::rename(state.c_str(), aside.c_str()) != 0) return base::system_error("set aside", state, errno);
    ::unlink((state + "-journal").c_str());
    journal = migrate::Journal::open(state, Access::write);
    aside = damage.to_string() + "; it is kept as " + aside + ", and what was ours before is not known any more";
  }
  if (!journal) return journal.error();
  if (options.again && !is_kept) {
    if (auto error = journal->keep_open()) return *error;
  }
  EditRun run(tree, options, std::move(*lock), std::move(*journal));
  if (!aside.empty()) run.settled_.push_back(std::move(aside));
  run.settle();
  if (options.alone) return run;
  run.continues_ = is_kept && run.settled_.empty() && find_spooled(state).empty();
  for (std::string& sentence : take_up_spooled(tree, run.journal_, state)) run.settled_.push_back(std::move(sentence));
  return run;
}

migrate::Journal EditRun::end() && {
  journal_.mark_current();
  lock_.reset();
  return std::move(journal_);
}

void EditRun::settle() {
  const auto open = journal_.open_edits();
  if (!open) {
    settled_.push_back(open.error().to_string());
    return;
  }
  for (const migrate::JournalledEdit& edit : *open) {
    settle(edit);
    settled_files_.insert(settled_files_.end(), edit.names.begin(), edit.names.end());
  }
}

// A run that was killed in the middle of this edit left the file old, new, or at a step between.
void EditRun::settle(const migrate::JournalledEdit& open) {
  const std::string& name = open.names.front();
  for (const std::string& each : open.names) {
    if (const auto error = migrate::remove_left_over(*tree_, each)) settled_.push_back(error->to_string());
  }
  const Result<pax::Stores> now = read_now(*tree_, name);
  EditState state = EditState::failed;
  std::string outcome = "it was changed by someone else since";
  if (!now) {
    outcome = now.error().reason;
  } else if (*now == open.after) {
    state = EditState::done;
    outcome = "it was made";
  } else if (*now == open.before) {
    outcome = "it was not made";
  } else {
    migrate::Edit rest{open.names, 0, 0, open.before, open.after};
    const std::vector<pax::Stores> between = migrate::intermediate_stores(rest);
    if (std::ranges::find(between, *now) != between.end()) {
      const auto status = tree_->status(name);
      rest.before = *now;
      if (status) rest.device = status->st_dev, rest.inode = status->st_ino;
      const auto applied = migrate::apply_edit(*tree_, rest, options_.owners);
      state = applied ? EditState::done : EditState::open;
      outcome = applied ? "it was finished" : applied.error().reason;
    }
  }
  if (now && *now != open.before) restore_mtime(open);
  settled_.push_back("an interrupted edit of " + tree_->prefix() + name + ": " + outcome);
  if (state == EditState::open) return;  // to be tried again
  std::optional<migrate::Claim> claim;
  if (state == EditState::done) {
    auto known = journal_.claim_after(open);
    if (!known) settled_.push_back(known.error().to_string());
    if (known) claim = std::move(*known);
  }
  if (const auto error = journal_.end_edit(open.id, state, claim)) settled_.push_back(error->to_string());
}

// A kill between a header's write and the times being put back leaves another mtime: Portage would take the file for
// changed by someone.
void EditRun::restore_mtime(const migrate::JournalledEdit& open) {
  const std::string& name = open.names.front();
  const auto identity = migrate::read_identity(*tree_, name);
  if (!identity || identity->sha256 != open.file.sha256) return;
  const auto file = base::open_secure(*tree_, name, options_.owners);
  if (!file || mtime_ns(file->status) == open.mtime_ns) return;
  constexpr std::int64_t second = 1'000'000'000;
  const std::int64_t nanoseconds = (open.mtime_ns % second + second) % second;
  const struct timespec times[2] = {{0, UTIME_OMIT}, {(open.mtime_ns - nanoseconds) / second, nanoseconds}};
  if (::futimens(file->file.get(), times) != 0) {
    settled_.push_back(base::system_error("put back the times of", tree_->prefix() + name, errno).to_string());
  }
}

// A run begins with its first edit.
Result<migrate::EditId> EditRun::begin_edit(const migrate::JournalledEdit& edit) {
  if (run_ != 0) return journal_.begin_edit(run_, edit);
  const auto begun = journal_.begin({0, std::time(nullptr), caller(), options_.command, options_.undoes}, edit);
  if (!begun) return begun.error();
  run_ = begun->run;
  return begun->edit;
}

Result<migrate::Applied> EditRun::apply(const Change& change) {
  const std::string& name = change.edit.names.front();
  for (const std::string& each : change.edit.names) {
    if (const auto error = migrate::remove_left_over(*tree_, each)) return *error;
  }
  const auto identity = migrate::read_identity(*tree_, name);
  if (!identity) return identity.error();
  migrate::JournalledEdit row;
  row.file = *identity;
  row.names = change.edit.names;
  row.before = change.edit.before;
  row.after = change.edit.after;
  row.reasons = change.reasons;
  if (const auto status = tree_->status(name)) row.mtime_ns = mtime_ns(*status);
  const auto id = begin_edit(row);
  if (!id) return id.error();
  Result<migrate::Applied> applied = migrate::apply_edit(*tree_, change.edit, change.owners.value_or(options_.owners));
  if (!applied) {
    // Where a step-by-step edit could not even go back, the next run finishes it.
    const auto now = read_now(*tree_, name);
    const std::vector<pax::Stores> steps = migrate::intermediate_stores(change.edit);
    const bool between = now && std::ranges::find(steps, *now) != steps.end();
    if (!between) journal_.end_edit(*id, EditState::failed, std::nullopt);
    return applied;
  }
  row.id = *id;
  row.run = run_;
  auto claim = journal_.finish(row);
  if (!claim) return claim.error();
  claim_ = std::move(*claim);
  if (!change.hold.empty()) {
    if (const auto error = journal_.add_hold({*identity, change.hold, run_})) return *error;
  }
  return applied;
}

}  // namespace revdep::engine
