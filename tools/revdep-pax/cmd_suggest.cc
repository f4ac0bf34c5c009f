// --suggest: objects that need a marking and have none. With -m it is set, so that -r -m can carry it on.
#include <algorithm>
#include <set>

#include "audit/rules.h"
#include "engine/audit.h"
#include "pax/relax.h"
#include "report/names.h"
#include "report/suggestions.h"
#include "revdep-pax/commands.h"
#include "revdep-pax/evidence.h"
#include "revdep-pax/lookup.h"
#include "revdep-pax/policy.h"

namespace revdep::tool {
namespace {

using base::ObjectId;
using report::Outcome;
using report::SuggestedMarking;

struct Found {
  ObjectId id;
  SuggestedMarking marking;
};

// What the names mean: a path one object, any other name all of that soname or base name. Error: no object has the name.
base::Result<std::set<ObjectId>> find_named(Session& session) {
  std::set<ObjectId> named;
  for (const std::string& name : session.options.files) {
    if (name.find('/') != std::string::npos) {
      const auto object = find_object(session, name);
      if (!object) return object.error();
      named.insert(*object);
      continue;
    }
    const std::size_t before = named.size();
    for (const ObjectId id : session.system.graph().objects()) {
      if (session.view.library_name(id) == name) named.insert(id);
    }
    if (named.size() == before) return base::Error{"find", name, "no object has that soname or name"};
  }
  return named;
}

std::vector<Found> find_suggestions(Session& session, const engine::AuditInput& input,
                                    const std::set<ObjectId>& named) {
  std::vector<Found> found;
  engine::for_each_subject(session.system, input, [&](ObjectId id, const audit::Subject& subject) {
    if (!subject.unreadable.empty()) return;
    audit::Suggestion suggestion = audit::suggest(input.context, subject);
    if (suggestion.flags.empty()) return;
    if (!session.options.files.empty() && !named.contains(id)) return;
    if (!is_target(session.options, subject.path)) return;
    found.push_back({id,
                     {subject.path, subject.package, suggestion.flags, std::move(suggestion.evidence), subject.library,
                      subject.executables, subject.privileged_executables}});
  });
  std::ranges::sort(found, {}, [](const Found& one) -> const std::string& { return one.marking.path; });
  return found;
}

void set_marking(Session& session, Editor& editor, const engine::EditPolicy& policy, const Found& found) {
  const SuggestedMarking& marking = found.marking;
  const pax::Stores& before = session.system.marking(found.id).stores;
  const bool is_named = !session.options.files.empty();
  if (session.options.yes && !is_named && marking.privileged_executables != 0) {
    const std::string reason = "set-id programs load it: name it to set its marking with -y";
    editor.say(report::escape(marking.path) + ": " + reason);
    editor.note(marking.path, before, Outcome::declined, reason);
    return;
  }
  const auto status = session.system.tree().status(marking.path);
  if (!status) {
    editor.note(marking.path, before, Outcome::failed, status.error().reason);
    return;
  }
  const migrate::FilePlan plan =
      migrate::plan_relaxation(before, marking.flags, policy.of(session.system.image(found.id).abi));
  if (plan.judgement != migrate::Judgement::edit) {
    editor.note(marking.path, before, plan.judgement == migrate::Judgement::right ? Outcome::right : Outcome::refused,
                plan.reason);
    return;
  }
  Editor::Wish wish;
  wish.change.edit = {{marking.path}, status->st_dev, status->st_ino, before, plan.after};
  // An admin's word: it asks, and nothing withdraws it.
  for (const pax::Letter letter : pax::letters) {
    if (marking.flags.asks(letter)) wish.change.reasons.push_back({letter, {}});
  }
  wish.package = marking.package;
  editor.edit(wish);
}

}  // namespace

base::Result<Exit> report_suggestions(Session& session) {
  const Options& options = session.options;
  std::optional<Editor> editor;
  if (options.mark) {
    editor.emplace(options, session.system.tree(), session.output, session.problems);
    if (auto error = editor->begin()) return *std::move(error);
    editor->forget_settled(session.system);
  }
  const auto named = find_named(session);
  if (!named) return named.error();
  auto evidence = read_evidence(session);
  if (!evidence) return evidence.error();
  const std::vector<Found> found = find_suggestions(session, (*evidence)->input, *named);
  if (editor) {
    editor->expect(found.size());
    for (const Found& one : found) set_marking(session, *editor, (*evidence)->edits, one);
    return editor->finish();
  }
  std::vector<SuggestedMarking> markings;
  markings.reserve(found.size());
  for (const Found& one : found) markings.push_back(one.marking);
  if (options.format == Format::json) {
    report::write_suggestions_json(session.output, markings);
  } else {
    report::write_suggestions_text(session.output, markings);
  }
  return markings.empty() ? Exit::clean : Exit::findings;
}

}  // namespace revdep::tool
