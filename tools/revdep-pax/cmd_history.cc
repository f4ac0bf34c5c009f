// --history, --undo, --release: what the journal knows, and taking it back.
#include <algorithm>
#include <map>

#include "elf/marking_reader.h"
#include "migrate/identity.h"
#include "report/history.h"
#include "report/names.h"
#include "revdep-pax/commands.h"

namespace revdep::tool {
namespace {

using base::Error;
using base::Result;
using migrate::EditState;
using migrate::Journal;
using migrate::JournalledEdit;
using report::Outcome;

std::vector<pax::Letter> letters_of(const JournalledEdit& edit) {
  std::vector<pax::Letter> letters;
  for (const migrate::Reason& reason : edit.reasons) {
    if (!reason.askers.empty()) letters.push_back(reason.letter);
  }
  return letters;
}

// What the run to be undone undid itself, by first name: restoring it is our mark again.
Result<std::map<std::string, JournalledEdit>> restored_by(const Journal& journal, const migrate::Run& run) {
  std::map<std::string, JournalledEdit> edits;
  if (!run.undoes) return edits;
  const auto original = journal.edits_of(*run.undoes);
  if (!original) return original.error();
  for (const JournalledEdit& edit : *original) edits.insert_or_assign(edit.names.front(), edit);
  return edits;
}

// Why the file cannot be taken back; "" when it can.
std::string object_to(base::Tree& tree, const JournalledEdit& edit, struct stat& status) {
  const auto now = elf::read_marked_object(tree, edit.names.front());
  if (!now) return now.error().reason;
  status = now->status;
  const auto identity = migrate::read_identity(tree, edit.names.front());
  if (!identity) return identity.error().reason;
  if (identity->sha256 != edit.file.sha256) return "it is another file than then";
  if (now->stores != edit.after) return "someone else changed its marking since";
  return {};
}

}  // namespace

Result<Exit> report_history(FileSession& session) {
  const auto journal = Journal::open(engine::state_path(session.tree, session.options.state), Journal::Access::read);
  if (!journal) return journal.error();
  const auto runs = journal->runs();
  if (!runs) return runs.error();
  std::vector<report::RunReport> history;
  for (const migrate::Run& run : *runs) {
    auto edits = journal->edits_of(run.id);
    if (!edits) return edits.error();
    history.push_back({run, std::move(*edits)});
  }
  if (session.options.format == Format::json) {
    report::write_history_json(session.output, history);
  } else {
    report::write_history_text(session.output, history, session.options.verbose);
  }
  return Exit::clean;
}

Result<Exit> undo_run(FileSession& session) {
  Result<Journal> known = Journal::open(engine::state_path(session.tree, session.options.state), Journal::Access::read);
  if (!known) return known.error();
  const auto runs = known->runs();
  if (!runs) return runs.error();
  const auto run =
      session.options.run ? std::ranges::find(*runs, *session.options.run, &migrate::Run::id) : runs->begin();
  if (run == runs->end()) {
    return Error{"undo", session.options.run ? "run " + std::to_string(*session.options.run) : "the last run",
                 "the journal has no such run"};
  }
  Editor editor(session.options, session.tree, session.output, session.problems);
  if (auto error = editor.begin(run->id)) return *std::move(error);
  auto edits = editor.journal().edits_of(run->id);
  if (!edits) return edits.error();
  const auto restored = restored_by(editor.journal(), *run);
  if (!restored) return restored.error();
  std::reverse(edits->begin(), edits->end());
  for (const JournalledEdit& edit : *edits) {
    if (edit.state != EditState::done) continue;
    struct stat status {};
    if (const std::string reason = object_to(session.tree, edit, status); !reason.empty()) {
      editor.note(edit.names.front(), edit.after, Outcome::refused, reason);
      continue;
    }
    Editor::Wish wish;
    wish.change.edit = {edit.names, status.st_dev, status.st_ino, edit.after, edit.before};
    if (edit.reasons.empty()) {
      // It took our letters back itself: they are ours again.
      const auto original = restored->find(edit.names.front());
      if (original != restored->end()) wish.change.reasons = original->second.reasons;
      wish.when_done = Outcome::marked;
    } else {
      wish.change.hold = letters_of(edit);
      wish.when_done = Outcome::withdrawn;
    }
    if (editor.edit(wish) != wish.when_done) continue;
    if (auto error = editor.journal().end_edit(edit.id, EditState::undone, std::nullopt)) return *std::move(error);
  }
  if (!session.options.pretend) {
    if (auto error = editor.journal().release_of(run->id)) return *std::move(error);
  }
  return editor.finish();
}

Result<Exit> release_holds(FileSession& session) {
  auto run = engine::EditRun::begin(session.tree, {.state = session.options.state,
                                                   .command = session.options.command,
                                                   .owners = migrate::Owners::root_only,
                                                   .wait = session.options.wait,
                                                   .on_waiting = nullptr,
                                                   .undoes = std::nullopt});
  if (!run) return run.error();
  const auto released = run->journal().release(session.options.subject);
  if (!released) return released.error();
  session.output << std::to_string(*released) << " released\n";
  return Exit::clean;
}

}  // namespace revdep::tool
