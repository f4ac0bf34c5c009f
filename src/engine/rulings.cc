#include "engine/rulings.h"

#include <string>
#include <utility>

#include "config/matching.h"

namespace revdep::engine {

const Ruling& Rulings::of(const graph::Graph& graph, base::ObjectId object) {
  static const Ruling none;
  if (rules_ == nullptr || (rules_->marks.empty() && rules_->ignores.empty() && rules_->requirements.empty()))
    return none;
  if (known_.size() <= object.index()) known_.resize(graph.size());
  Known& here = known_[object.index()];
  if (!std::exchange(here.known, true)) {
    const std::string_view path = graph.path(object);
    const config::Ruling found = config::find_ruling(*rules_, path);
    here.ruling.mark = found.mark;
    here.ruling.ignored = found.ignore != nullptr;
    for (const config::Require* const rule : config::find_requirements(*rules_, path))
      here.ruling.asked.add(rule->asked);
  }
  return here.ruling;
}

}  // namespace revdep::engine
