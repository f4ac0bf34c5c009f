#include "revdep-pax/blocks.h"

#include <algorithm>

#include "report/json_blocks.h"
#include "report/text_blocks.h"

namespace revdep::tool {

using base::ObjectId;
using report::Direction;
using report::Relation;

Subject forward_subject(Session& session, ObjectId object) {
  View& view = session.view;
  Subject subject;
  subject.exporter = object;
  subject.block.object = &view.object(object);
  const auto& exporter = subject.block.object->marking();
  const graph::Closure closure = session.system.link_closure(object);
  const graph::Graph& graph = session.system.graph();
  const base::NameId interpreter_path = graph.object(object).image.interpreter;
  const ObjectId interpreter = view.interpreter(object);
  subject.block.lines.reserve(closure.objects.size() + closure.unresolved.size());
  for (const loader::Mapped& mapped : closure.objects) {
    if (view.gone(mapped.object)) continue;
    const report::Object& library = view.object(mapped.object);
    const bool by_path = mapped.name == interpreter_path && mapped.requester == object;
    Relation relation = report::compare(exporter, library.marking());
    if (mapped.object != interpreter) {
      subject.importers.push_back(mapped.object);
    } else if (relation == Relation::mismatch) {
      relation = Relation::differs;
    }
    subject.block.lines.push_back({&library, by_path ? library.name() : graph.names().view(mapped.name), relation, {}});
  }
  for (const graph::Unresolved& unresolved : closure.unresolved) {
    subject.block.lines.push_back(
        {nullptr, graph.names().view(unresolved.name), Relation::same, graph.path(unresolved.requester)});
  }
  return subject;
}

Subject reverse_subject(Session& session, ObjectId library, const std::vector<ObjectId>& consumers) {
  Subject subject;
  subject.exporter = library;
  subject.importers = consumers;
  subject.block.object = &session.view.object(library);
  subject.block.lines.reserve(consumers.size());
  for (const ObjectId id : consumers) {
    const report::Object& consumer = session.view.object(id);
    const Relation relation = report::compare(subject.block.object->marking(), consumer.marking());
    subject.block.lines.push_back({&consumer, {}, relation, {}});
  }
  return subject;
}

std::vector<ObjectId> consumers_of(Session& session, ObjectId library) {
  std::vector<ObjectId> consumers = session.system.consumers(library);
  std::erase_if(consumers, [&](ObjectId id) {
    return (session.options.executables && !session.view.in_path(id)) || session.view.gone(id);
  });
  session.view.sort(consumers);
  return consumers;
}

Selection::Selection(Session& session, Direction direction) : verbose_(session.options.verbose) {
  if (session.options.format == Format::json) {
    writer_ = std::make_unique<report::JsonBlocks>(session.output, direction);
  } else {
    writer_ = std::make_unique<report::TextBlocks>(session.output, direction, session.colors);
  }
}

void Selection::write(const report::Block& block) {
  const auto is = [](Relation relation) {
    return [relation](const report::Line& line) { return line.relation == relation; };
  };
  const bool nobody_provides = block.object == nullptr;
  if (nobody_provides || std::any_of(block.lines.begin(), block.lines.end(), is(Relation::mismatch))) {
    exit_ = Exit::findings;
  }
  if (verbose_ || nobody_provides) {
    writer_->write(block);
    return;
  }
  shown_.object = block.object;
  shown_.lines.clear();
  std::remove_copy_if(block.lines.begin(), block.lines.end(), std::back_inserter(shown_.lines), is(Relation::same));
  if (!shown_.lines.empty()) writer_->write(shown_);
}

Exit Selection::finish() {
  writer_->finish();
  return exit_;
}

}  // namespace revdep::tool
