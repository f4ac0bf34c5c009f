#include "revdep-pax/marker.h"

#include <algorithm>

#include "pax/relax.h"
#include "report/names.h"

namespace revdep::tool {

using base::ObjectId;
using report::Outcome;

Marker::Marker(Session& session, Editor& editor, const std::vector<migrate::Hold>& holds)
    : session_(session),
      editor_(editor),
      policy_(edit_policy(session.options, session.system.tree())),
      holds_(session.system.tree(), holds) {}

void Marker::carry(const Subject& subject) {
  if (!subject.exporter.valid()) return;
  const engine::ObjectMarking& exporter = session_.system.marking(subject.exporter);
  if (exporter.reading != engine::Reading::read) return;
  const std::optional<pax::Marking> marking = pax::own_marking(exporter.stores);
  if (!marking) {
    editor_.say(report::escape(session_.system.graph().path(subject.exporter)) +
                " has no marking: there is nothing to carry");
    return;
  }
  std::vector<std::pair<Inode, std::vector<ObjectId>>> files;
  for (const ObjectId importer : subject.importers) {
    const std::string path(session_.system.graph().path(importer));
    if (!is_target(session_.options, path)) continue;
    const auto status = session_.system.tree().status(path);
    const engine::ObjectMarking& read = session_.system.marking(importer);
    if (!status || read.reading != engine::Reading::read) {
      editor_.note(path, {}, Outcome::failed, status ? "its marking cannot be read" : status.error().reason);
      continue;
    }
    const Inode inode{status->st_dev, status->st_ino};
    const auto known = std::ranges::find(files, inode, &std::pair<Inode, std::vector<ObjectId>>::first);
    if (known == files.end()) {
      files.push_back({inode, {importer}});
    } else {
      known->second.push_back(importer);
    }
  }
  for (const auto& [inode, names] : files) mark(names, inode, subject, *marking);
}

void Marker::mark(const std::vector<ObjectId>& names, Inode inode, const Subject& subject, pax::Marking carried) {
  engine::System& system = session_.system;
  const ObjectId first = names.front();
  Editor::Wish wish;
  migrate::Edit& edit = wish.change.edit;
  for (const ObjectId name : names) edit.names.emplace_back(system.graph().path(name));
  edit.device = inode.first;
  edit.inode = inode.second;
  edit.before = system.marking(first).stores;
  const pax::Marking exporter = without_held(edit, carried);
  const migrate::FilePlan plan = migrate::plan_compatible(exporter, edit.before, policy_.of(system.image(first).abi));
  const std::string& path = edit.names.front();
  warn_of_contradictions(path, plan, edit.before, exporter);

  Outcome outcome = Outcome::right;
  if (plan.judgement == migrate::Judgement::refused) {
    editor_.note(path, edit.before, outcome = Outcome::refused, plan.reason);
  } else if (plan.judgement == migrate::Judgement::right) {
    outcome = plan.contradicted.empty() ? Outcome::right : Outcome::declined;
    editor_.note(path, edit.before, plan.contradicted.empty() ? Outcome::right : Outcome::refused,
                 plan.contradicted.empty() ? "" : "its own letters contradict");
  } else {
    edit.after = plan.after;
    const std::string asker(system.graph().path(subject.exporter));
    const pax::Marking own = pax::own_marking(edit.before).value_or(pax::Marking{});
    for (const pax::Letter letter : pax::letters) {
      const pax::Setting now = plan.letters.get(letter);
      if (now != own.get(letter) && now == pax::relaxed(letter)) wish.change.reasons.push_back({letter, {asker}});
    }
    wish.package = package_of(system, first);
    outcome = editor_.edit(wish);
    if (outcome == Outcome::marked) {
      for (const ObjectId name : names) system.forget_marking(name);
      if (plan.replaces_void) editor_.say(report::escape(path) + " had a malformed marking, which was replaced");
      if (plan.mends) editor_.say(report::escape(path) + " was refused by a kernel as it was: mended");
    }
  }
  // Its other names were marked with it.
  for (std::size_t index = 1; index < names.size(); ++index) {
    const bool is_marked = outcome == Outcome::marked || outcome == Outcome::right || outcome == Outcome::pending;
    if (is_marked) editor_.note(edit.names[index], system.marking(names[index]).stores, Outcome::right);
  }
}

pax::Marking Marker::without_held(const migrate::Edit& edit, pax::Marking exporter) {
  pax::Relaxations held;
  for (const std::string& name : edit.names) held.add(holds_.of(name));
  const pax::Marking own = pax::own_marking(edit.before).value_or(pax::Marking{});
  for (const pax::Letter letter : pax::letters) {
    const pax::Setting wanted = exporter.get(letter);
    if (!held.asks(letter) || wanted == own.get(letter)) continue;
    exporter.set(letter, pax::Setting::unset);
    editor_.say(report::escape(edit.names.front()) + ": " + pax::format_letter(letter, wanted) +
                " was undone and is held back");
  }
  return exporter;
}

void Marker::warn_of_contradictions(const std::string& path, const migrate::FilePlan& plan, const pax::Stores& stores,
                                    pax::Marking exporter) {
  contradicted_ |= !plan.contradicted.empty();
  const pax::Marking own = pax::own_marking(stores).value_or(pax::Marking{});
  for (const pax::Letter letter : plan.contradicted) {
    editor_.warn_of_contradiction(path, letter, own.get(letter), exporter.get(letter));
  }
}

}  // namespace revdep::tool
