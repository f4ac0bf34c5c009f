// -b, -s, -l with -m: carries the flags that the same report without -m compares.
#include "revdep-pax/blocks.h"
#include "revdep-pax/lookup.h"
#include "revdep-pax/marker.h"

namespace revdep::tool {
namespace {

base::Result<Exit> carry_all(Session& session, const std::vector<Subject>& subjects, report::Direction direction) {
  Editor editor(session.options, session.system.tree(), session.output, session.problems);
  if (auto error = editor.begin()) return *std::move(error);
  editor.forget_settled(session.system);
  const auto holds = editor.journal().holds();
  if (!holds) return holds.error();
  Marker marker(session, editor, *holds);
  bool unprovided = false;
  for (const Subject& subject : subjects) {
    const bool shown = session.options.format == Format::text && !session.options.pretend;
    if (shown) Selection(session, direction).write(subject.block);
    marker.carry(subject);
    unprovided |= !subject.exporter.valid();
  }
  const Exit exit = editor.finish();
  return marker.contradicted() || unprovided ? Exit::findings : exit;
}

}  // namespace

base::Result<Exit> mark_libraries(Session& session) {
  const auto object = find_object(session, session.options.subject);
  if (!object) return object.error();
  return carry_all(session, {forward_subject(session, *object)}, report::Direction::forward);
}

base::Result<Exit> mark_soname(Session& session) {
  const auto subjects = find_soname(session, session.options.subject);
  if (!subjects) return subjects.error();
  return carry_all(session, *subjects, report::Direction::reverse);
}

base::Result<Exit> mark_library(Session& session) {
  const auto library = find_object(session, session.options.subject);
  if (!library) return library.error();
  return carry_all(session, {reverse_subject(session, *library, consumers_of(session, *library))},
                   report::Direction::reverse);
}

}  // namespace revdep::tool
