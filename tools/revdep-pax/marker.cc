#include "revdep-pax/marker.h"

#include <iostream>

#include "migrate/set_marking.h"
#include "report/names.h"

namespace revdep::tool {
namespace {

using base::ObjectId;
using migrate::Decision;
using report::Outcome;

// "m", "M".
std::string letter_text(pax::Marking marking, pax::Letter letter) {
  pax::Marking alone;
  alone.set(letter, marking.get(letter));
  return pax::format_letters(alone);
}

std::string refusal(const migrate::Edit& edit) {
  switch (edit.decision) {
    case Decision::skip_header:
      return "its PT_PAX header would have to change as well";
    case Decision::skip_ei:
      return "its EI_PAX byte is set, and an xattr may hide it";
    case Decision::refused_by_kernel:
      return "a kernel would refuse to run it with " + pax::format_columns(edit.after);
    case Decision::keep:
      return "its own letters contradict";
    case Decision::set:
      break;
  }
  return {};
}

}  // namespace

void Marker::carry(const Subject& subject) {
  if (!subject.exporter.valid()) return;
  const engine::ObjectMarking& exporter = session_.system.marking(subject.exporter);
  if (exporter.reading != engine::Reading::read) return;
  const std::optional<pax::Marking> marking = pax::own_marking(exporter.stores);
  if (!marking) {
    say(report::escape(session_.system.graph().path(subject.exporter)) + " has no marking: there is nothing to carry");
    return;
  }
  seen_.clear();
  for (const ObjectId importer : subject.importers) marks_.push_back(mark(importer, *marking));
}

report::Mark Marker::mark(ObjectId importer, pax::Marking exporter) {
  const std::string_view path = session_.system.graph().path(importer);
  report::Mark mark;
  mark.path = path;
  const auto status = session_.system.tree().status(path);
  const engine::ObjectMarking& read = session_.system.marking(importer);
  if (!status || read.reading != engine::Reading::read) {
    mark.reason = status ? "its marking cannot be read" : status.error().reason;
    if (!status) session_.problems.push_back({"mark", std::string(path), mark.reason});
    return mark;
  }
  const Inode inode{status->st_dev, status->st_ino};
  const auto written = written_.find(inode);
  const pax::Stores stores = written == written_.end() ? read.stores : written->second;
  const migrate::Edit edit = migrate::plan_edit(exporter, stores);
  mark.before = edit.before;
  mark.after = edit.before;
  if (const auto seen = seen_.find(inode); seen != seen_.end()) {
    mark.outcome = seen->second.outcome == Outcome::marked ? Outcome::right : seen->second.outcome;
    mark.reason = seen->second.reason;
    return mark;
  }
  warn_of_contradictions(importer, edit, exporter);
  mark.outcome = apply(importer, edit, stores, mark.reason);
  if (mark.outcome == Outcome::marked) {
    mark.after = edit.after;
    pax::Stores& now = written_[inode];
    now = stores;
    now.xattr = pax::format_letters(edit.after);
  }
  seen_.emplace(inode, mark);
  return mark;
}

Outcome Marker::apply(ObjectId importer, const migrate::Edit& edit, const pax::Stores& expected, std::string& reason) {
  const std::string_view path = session_.system.graph().path(importer);
  if (edit.decision == Decision::keep && edit.contradicted.empty()) return Outcome::right;
  if (edit.decision != Decision::set) {
    reason = refusal(edit);
    if (edit.decision != Decision::keep) session_.problems.push_back({"mark", std::string(path), reason});
    return Outcome::refused;
  }
  if (!prompt_.confirm(report::escape(path))) return Outcome::declined;
  if (const auto error = migrate::set_marking(session_.system.tree(), path, expected, edit.after)) {
    reason = error->reason;
    session_.problems.push_back(*error);
    return Outcome::failed;
  }
  if (edit.replaces_void) say(report::escape(path) + " had a malformed " + pax::xattr_name + ", which was replaced");
  return Outcome::marked;
}

void Marker::warn_of_contradictions(ObjectId importer, const migrate::Edit& edit, pax::Marking exporter) {
  contradicted_ |= !edit.contradicted.empty();
  const std::string path = report::escape(session_.system.graph().path(importer));
  for (const pax::Letter letter : edit.contradicted) {
    say("Warning: " + path + " has " + letter_text(edit.after, letter) + ", refusing to set to " +
        letter_text(exporter, letter));
  }
}

// Standard error, in its place among what standard output shows.
void Marker::say(const std::string& sentence) {
  session_.output.flush();
  std::cerr << sentence << '\n';
}

}  // namespace revdep::tool
