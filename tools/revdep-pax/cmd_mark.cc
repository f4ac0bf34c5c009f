// -b, -s, -l with -m: carries the flags that the same report without -m compares.
#include <algorithm>
#include <iostream>

#include "report/marks.h"
#include "revdep-pax/blocks.h"
#include "revdep-pax/lookup.h"
#include "revdep-pax/marker.h"

namespace revdep::tool {
namespace {

Exit carry_all(Session& session, const std::vector<Subject>& subjects, report::Direction direction) {
  const bool text = session.options.format == Format::text;
  Prompt prompt(session.output, std::cin, session.options.yes);
  Marker marker(session, prompt);
  bool unprovided = false;
  for (const Subject& subject : subjects) {
    if (text) Selection(session, direction).write(subject.block);
    marker.carry(subject);
    unprovided |= !subject.exporter.valid();
  }
  if (text) {
    report::write_marks_text(session.output, marker.marks());
  } else {
    report::write_marks_json(session.output, marker.marks());
  }
  const auto is_done = [](const report::Mark& mark) {
    return mark.outcome == report::Outcome::marked || mark.outcome == report::Outcome::right;
  };
  const bool done = std::all_of(marker.marks().begin(), marker.marks().end(), is_done);
  return done && !marker.contradicted() && !unprovided ? Exit::clean : Exit::findings;
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
