// -f -m, -r -m: every executable gets what its libraries ask for. --withdraw-all: nothing is asked any more. --image: those
// of a package that is still to be merged.
#include <algorithm>
#include <map>
#include <set>

#include "base/image.h"
#include "engine/migration.h"
#include "engine/spool.h"
#include "report/names.h"
#include "revdep-pax/commands.h"
#include "revdep-pax/policy.h"

namespace revdep::tool {
namespace {

using base::ObjectId;
using engine::Planned;
using report::Outcome;

engine::MigrationPolicy policy_of(Session& session) {
  const Options& options = session.options;
  const engine::EditPolicy common = edit_policy(options, session.system.tree());
  engine::MigrationPolicy policy;
  policy.kernel = common.kernel;
  policy.creates = common.creates;
  policy.force = common.force;
  policy.withdraw = options.withdraw;
  policy.targets = [&session](ObjectId id) {
    if (session.options.executables && !session.view.in_path(id)) return false;
    return is_target(session.options, session.system.graph().path(id));
  };
  return policy;
}

void tell(Editor& editor, const Planned& file) {
  const std::string& path = file.edit.names.front();
  const pax::Marking own = pax::own_marking(file.edit.before).value_or(pax::Marking{});
  for (const pax::Letter letter : file.contradicted) {
    // An E is denied by `e`, but may have to be switched off as well: for p.
    const pax::Setting said = own.get(letter);
    editor.warn_of_contradiction(path, letter, said, said == pax::Setting::on ? pax::Setting::off : pax::Setting::on);
  }
  for (const pax::Letter letter : pax::letters) {
    if (!file.held.asks(letter)) continue;
    editor.say(report::escape(path) + ": " + pax::format_letter(letter, pax::relaxed(letter)) +
               " is asked for, but was undone and is held back");
  }
}

void make(Session& session, Editor& editor, const Planned& file, Editor::Ask ask) {
  tell(editor, file);
  const std::string& path = file.edit.names.front();
  if (file.judgement == migrate::Judgement::refused) {
    editor.note(path, file.edit.before, Outcome::refused, file.reason);
    return;
  }
  if (file.judgement == migrate::Judgement::right) {
    const bool contradicted = !file.contradicted.empty();
    editor.note(path, file.edit.before, contradicted ? Outcome::refused : Outcome::right,
                contradicted ? "its own letters contradict" : "");
    return;
  }
  Editor::Wish wish;
  wish.change = {file.edit, file.reasons, {}, {}};
  wish.package = package_of(session.system, file.executable);
  wish.ask = ask;
  // Letters that are taken back and nothing else: no library was asked about.
  if (!file.withdrawn.empty() && file.reasons.empty()) {
    wish.when_done = Outcome::withdrawn;
    wish.ask = Editor::Ask::each;
  }
  const Outcome outcome = editor.edit(wish);
  if (outcome != Outcome::marked && outcome != Outcome::withdrawn) return;
  if (file.replaces_void) editor.say(report::escape(path) + " had a malformed marking, which was replaced");
  if (file.mends) editor.say(report::escape(path) + " was refused by a kernel as it was: mended");
}

// -r: which of the asking libraries the user does not want to be carried on.
std::set<std::string> ask_by_library(Editor& editor, const engine::MigrationPlan& plan) {
  std::map<std::string, std::size_t> askers;
  for (const Planned& file : plan.files) {
    std::set<std::string> once;
    for (const migrate::Reason& reason : file.reasons) once.insert(reason.askers.begin(), reason.askers.end());
    if (file.judgement != migrate::Judgement::edit) continue;
    for (const std::string& asker : once) ++askers[asker];
  }
  std::set<std::string> declined;
  for (const auto& [asker, count] : askers) {
    const std::string question = std::to_string(count) + (count == 1 ? " consumer of " : " consumers of ");
    if (!editor.prompt().confirm(question + report::escape(asker))) declined.insert(asker);
  }
  return declined;
}

// What would have been changed for the declined libraries alone.
void note_declined(Editor& editor, const engine::MigrationPlan& whole, const engine::MigrationPlan& rest) {
  std::set<std::string> done;
  for (const Planned& file : rest.files) {
    if (file.judgement == migrate::Judgement::edit) done.insert(file.edit.names.front());
  }
  for (const Planned& file : whole.files) {
    const std::string& path = file.edit.names.front();
    if (file.judgement == migrate::Judgement::edit && !done.contains(path)) {
      editor.note(path, file.edit.before, Outcome::declined);
    }
  }
}

struct Records {
  std::vector<migrate::Claim> claims;
  std::vector<migrate::Hold> holds;
};

base::Result<Records> read_records(migrate::Journal& journal) {
  auto claims = journal.claims();
  if (!claims) return claims.error();
  auto holds = journal.holds();
  if (!holds) return holds.error();
  return Records{std::move(*claims), std::move(*holds)};
}

Exit make_all(Session& session, Editor& editor, const engine::MigrationPlan& plan, Editor::Ask ask) {
  editor.expect(plan.files.size());
  for (const Planned& file : plan.files) make(session, editor, file, ask);
  return editor.finish();
}

// What else cannot be read is nothing that this merge brings.
std::vector<base::Error> problems_of_image(engine::System& system) {
  std::vector<base::Error> problems = system.problems();
  const std::string& prefix = system.tree().prefix();
  std::erase_if(problems, [&](const base::Error& problem) {
    return system.tree().image()->find(std::string_view(problem.object).substr(prefix.size())) == nullptr;
  });
  return problems;
}

}  // namespace

base::Result<Exit> migrate_system(Session& session) {
  Editor editor(session.options, session.system.tree(), session.output, session.problems);
  if (auto error = editor.begin()) return *std::move(error);
  editor.forget_settled(session.system);
  auto records = read_records(editor.journal());
  if (!records) return records.error();
  engine::MigrationPolicy policy = policy_of(session);
  const engine::MigrationPlan plan = plan_migration(session.system, policy, records->claims, records->holds);
  session.problems.insert(session.problems.end(), plan.untrusted.begin(), plan.untrusted.end());
  const bool asks = !session.options.yes && !session.options.pretend;
  if (session.options.mode == Mode::forward || !asks) return make_all(session, editor, plan, Editor::Ask::each);
  const std::set<std::string> declined = ask_by_library(editor, plan);
  if (declined.empty()) return make_all(session, editor, plan, Editor::Ask::no);
  policy.askers = [&](ObjectId id) { return !declined.contains(std::string(session.system.graph().path(id))); };
  // A library that the user declines still asks for what was granted before.
  policy.withdraw = false;
  const engine::MigrationPlan rest = plan_migration(session.system, policy, records->claims, records->holds);
  note_declined(editor, plan, rest);
  return make_all(session, editor, rest, Editor::Ask::no);
}

base::Result<Exit> withdraw_all(Session& session) {
  Editor editor(session.options, session.system.tree(), session.output, session.problems);
  if (auto error = editor.begin()) return *std::move(error);
  editor.forget_settled(session.system);
  auto records = read_records(editor.journal());
  if (!records) return records.error();
  engine::MigrationPolicy policy = policy_of(session);
  policy.withdraw = true;
  policy.askers = [](ObjectId) { return false; };
  policy.every_object = true;
  const engine::MigrationPlan plan = plan_migration(session.system, policy, records->claims, {});
  session.problems.insert(session.problems.end(), plan.untrusted.begin(), plan.untrusted.end());
  return make_all(session, editor, plan, Editor::Ask::each);
}

base::Result<Exit> mark_image(Session& session) {
  base::Tree& tree = session.system.tree();
  const std::string state = engine::state_path(tree, session.options.state);
  auto journal = migrate::Journal::open(state, migrate::Journal::Access::read);
  if (!journal) return journal.error();
  auto records = read_records(*journal);
  if (!records) return records.error();
  engine::MigrationPolicy policy = policy_of(session);
  policy.targets = [&session, &tree, wanted = std::move(policy.targets)](ObjectId id) {
    return tree.image()->find(session.system.graph().path(id)) != nullptr && wanted(id);
  };
  engine::MigrationPlan plan = plan_migration(session.system, policy, records->claims, records->holds);
  session.system_problems = problems_of_image(session.system);
  if (plan.files.empty()) return Exit::clean;
  // From here on by the image's own paths.
  for (Planned& file : plan.files) {
    for (std::string& name : file.edit.names) name = *tree.image()->find(name);
  }
  auto image = base::Tree::open(session.options.subject);
  if (!image) return image.error();
  const std::string spool = engine::new_spool_path(state);
  Exit exit = Exit::clean;
  {
    Editor editor(session.options, *image, session.output, session.problems);
    if (auto error = editor.begin_apart(spool)) return *std::move(error);
    exit = make_all(session, editor, plan, Editor::Ask::each);
  }
  if (!session.options.pretend) {
    if (auto error = engine::finish_spooled(spool)) return *std::move(error);
  }
  return exit;
}

}  // namespace revdep::tool
