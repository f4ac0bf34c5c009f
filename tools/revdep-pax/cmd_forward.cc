// -f, -b: objects and the libraries they load.
#include "revdep-pax/blocks.h"
#include "revdep-pax/lookup.h"

namespace revdep::tool {

using base::ObjectId;

base::Result<Exit> report_forward(Session& session) {
  Selection selection(session, report::Direction::forward);
  for (const ObjectId id : session.view.objects()) {
    if (session.options.executables && !session.view.in_path(id)) continue;
    if (session.view.gone(id)) continue;
    selection.write(forward_subject(session, id).block);
  }
  return selection.finish();
}

base::Result<Exit> report_object(Session& session) {
  const auto object = find_object(session, session.options.subject);
  if (!object) return object.error();
  Selection selection(session, report::Direction::forward);
  selection.write(forward_subject(session, *object).block);
  return selection.finish();
}

}  // namespace revdep::tool
