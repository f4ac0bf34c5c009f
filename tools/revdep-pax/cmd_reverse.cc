// -r, -s, -l: libraries and their consumers.
#include <algorithm>
#include <cstdint>

#include "revdep-pax/blocks.h"
#include "revdep-pax/lookup.h"

namespace revdep::tool {
namespace {

using base::ObjectId;

// Every library with its consumers, both by index: all closures once, inverted by counting.
class Consumers {
 public:
  /// `consumers` sorted by path: so are the answers.
  Consumers(engine::System& system, const std::vector<ObjectId>& consumers) {
    std::vector<ObjectId> libraries;
    std::vector<std::size_t> ends;
    for (const ObjectId consumer : consumers) {
      for (const loader::Mapped& mapped : system.link_closure(consumer).objects) libraries.push_back(mapped.object);
      ends.push_back(libraries.size());
    }
    starts_.resize(system.graph().size() + 1);
    for (const ObjectId library : libraries) ++starts_[library.index() + 1];
    for (std::size_t index = 1; index < starts_.size(); ++index) starts_[index] += starts_[index - 1];
    std::vector<std::size_t> next = starts_;
    consumers_.resize(libraries.size());
    std::size_t at = 0;
    for (std::size_t index = 0; index < consumers.size(); ++index) {
      for (; at < ends[index]; ++at) consumers_[next[libraries[at].index()]++] = consumers[index];
    }
  }

  [[nodiscard]] std::vector<ObjectId> of(ObjectId library) const {
    const auto begin = consumers_.begin();
    return {begin + static_cast<std::ptrdiff_t>(starts_[library.index()]),
            begin + static_cast<std::ptrdiff_t>(starts_[library.index() + 1])};
  }
  [[nodiscard]] bool any(ObjectId library) const { return starts_[library.index()] != starts_[library.index() + 1]; }

 private:
  std::vector<std::size_t> starts_;
  std::vector<ObjectId> consumers_;
};

}  // namespace

base::Result<Exit> report_reverse(Session& session) {
  View& view = session.view;
  std::vector<ObjectId> asking = view.objects();
  std::erase_if(asking,
                [&](ObjectId id) { return (session.options.executables && !view.in_path(id)) || view.gone(id); });
  const Consumers consumers(session.system, asking);

  // Closures may have made further libraries known.
  std::vector<ObjectId> libraries = view.objects();
  std::erase_if(libraries, [&](ObjectId id) { return !consumers.any(id) || view.gone(id); });
  std::stable_sort(libraries.begin(), libraries.end(),
                   [&](ObjectId one, ObjectId other) { return view.library_name(one) < view.library_name(other); });
  Selection selection(session, report::Direction::reverse);
  for (const ObjectId id : libraries) selection.write(reverse_subject(session, id, consumers.of(id)).block);
  return selection.finish();
}

base::Result<Exit> report_soname(Session& session) {
  const auto subjects = find_soname(session, session.options.subject);
  if (!subjects) return subjects.error();
  Selection selection(session, report::Direction::reverse);
  for (const Subject& subject : *subjects) selection.write(subject.block);
  return selection.finish();
}

base::Result<Exit> report_library(Session& session) {
  const auto library = find_object(session, session.options.subject);
  if (!library) return library.error();
  Selection selection(session, report::Direction::reverse);
  selection.write(reverse_subject(session, *library, consumers_of(session, *library)).block);
  return selection.finish();
}

}  // namespace revdep::tool
