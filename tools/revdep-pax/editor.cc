#include "revdep-pax/editor.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <utility>

#include "engine/running_kernel.h"
#include "pax/relax.h"
#include "report/names.h"
#include "revdep-pax/running.h"

namespace revdep::tool {

using report::Outcome;

Editor::Editor(const Options& options, base::Tree& tree, report::Output& output, std::vector<base::Error>& problems)
    : options_(options),
      tree_(tree),
      output_(output),
      problems_(problems),
      prompt_(output, std::cin, options.yes || options.pretend),
      progress_(std::cerr, options.yes && ::isatty(STDERR_FILENO) == 1) {}

std::optional<base::Error> Editor::begin(std::optional<migrate::RunId> undoes) {
  if (options_.pretend) {
    auto journal = migrate::Journal::open(engine::state_path(tree_, options_.state), migrate::Journal::Access::read);
    if (!journal) return journal.error();
    journal_ = std::move(*journal);
    return std::nullopt;
  }
  engine::EditRunOptions options;
  options.state = options_.state;
  options.wait = options_.wait;
  options.on_waiting = [this] { say("waiting for another run that is writing"); };
  options.undoes = undoes;
  return begin(std::move(options));
}

std::optional<base::Error> Editor::begin_apart(const std::string& state) {
  if (options_.pretend) return std::nullopt;
  engine::EditRunOptions options;
  options.state = state;
  options.alone = true;
  return begin(std::move(options));
}

std::optional<base::Error> Editor::begin(engine::EditRunOptions options) {
  options.command = options_.command;
  options.owners = options_.nonroot ? migrate::Owners::any : migrate::Owners::root_only;
  auto run = engine::EditRun::begin(tree_, options);
  if (!run) return run.error();
  run_.emplace(std::move(*run));
  for (const std::string& sentence : run_->settled()) say(sentence);
  return std::nullopt;
}

void Editor::forget_settled(engine::System& system) const {
  if (!run_) return;
  for (const std::string& path : run_->settled_files()) {
    if (const base::ObjectId id = system.graph().find(path); id.valid()) system.forget_marking(id);
  }
}

void Editor::say(const std::string& sentence) {
  output_.flush();
  progress_.clear();
  std::cerr << sentence << '\n';
}

void Editor::warn_of_contradiction(const std::string& path, pax::Letter letter, pax::Setting has, pax::Setting wanted) {
  say("Warning: " + report::escape(path) + " has " + pax::format_letter(letter, has) + ", refusing to set to " +
      pax::format_letter(letter, wanted));
}

void Editor::note(const std::string& path, const pax::Stores& stores, Outcome outcome, const std::string& reason) {
  marks_.push_back({path, {}, stores, stores, outcome, reason, {}});
  progress_.step();
  const bool is_problem = outcome == Outcome::refused || outcome == Outcome::failed;
  if (is_problem) problems_.push_back({"mark", tree_.prefix() + path, reason});
}

Outcome Editor::edit(const Wish& wish) {
  const migrate::Edit& edit = wish.change.edit;
  report::Mark mark{edit.names.front(),
                    wish.package,
                    edit.before,
                    edit.before,
                    Outcome::declined,
                    {},
                    report::format_reasons(wish.change.reasons)};
  if (options_.pretend) {
    mark.outcome = Outcome::pending;
    mark.after = edit.after;
    if (options_.format == Format::text) report::write_pending_text(output_, mark);
  } else if (wish.ask == Ask::no || prompt_.confirm(report::escape(mark.path))) {
    const auto applied = run_->apply(wish.change);
    if (applied) {
      mark.outcome = wish.when_done;
      mark.after = edit.after;
      changed_.emplace(edit.device, edit.inode);
      if (applied->unsynced) problems_.push_back(*applied->unsynced);
      if (applied->copied_up)
        say(tree_.prefix() + report::escape(mark.path) + " was copied to the overlay's upper layer");
    } else {
      mark.outcome = Outcome::failed;
      mark.reason = applied.error().reason;
      problems_.push_back(applied.error());
    }
  }
  marks_.push_back(mark);
  progress_.step();
  return mark.outcome;
}

Exit Editor::finish() {
  progress_.clear();
  if (options_.format == Format::json) {
    report::write_marks_json(output_, marks_);
  } else {
    report::write_marks_text(output_, marks_);
  }
  if (tree_.prefix().empty() && !changed_.empty()) {
    if (!engine::read_running_kernel().has_pax) say("this kernel has no PaX: flags take effect under one that has");
    for (const Process& process : find_running(changed_)) {
      say("process " + std::to_string(process.pid) + " (" + report::escape(process.executable) +
          ") runs with its old flags until it is started again");
    }
  }
  const bool done = std::all_of(marks_.begin(), marks_.end(), [](const report::Mark& mark) {
    return mark.outcome == Outcome::marked || mark.outcome == Outcome::right || mark.outcome == Outcome::withdrawn;
  });
  return done ? Exit::clean : Exit::findings;
}

}  // namespace revdep::tool
