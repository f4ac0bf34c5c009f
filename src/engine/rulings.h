// What the admin's rules say of each object, looked up once. Decides nothing.
#pragma once

#include <vector>

#include "base/ids.h"
#include "config/rules.h"
#include "graph/graph.h"

namespace revdep::engine {

struct Ruling {
  const config::Mark* mark = nullptr;  ///< its whole marking
  bool ignored = false;                ///< it is left alone, and what it carries asks nothing
  pax::Relaxations asked;              ///< of who loads it, whatever it carries
  friend bool operator==(const Ruling&, const Ruling&) = default;
};

class Rulings {
 public:
  Rulings() = default;
  /// `rules` stay where they are.
  explicit Rulings(const config::Rules& rules) : rules_(&rules) {}

  const Ruling& of(const graph::Graph& graph, base::ObjectId object);

 private:
  struct Known {
    bool known = false;
    Ruling ruling;
  };
  const config::Rules* rules_ = nullptr;
  std::vector<Known> known_;  // by ObjectId
};

}  // namespace revdep::engine
