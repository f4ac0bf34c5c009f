// The compatible policy: what the original revdep-pax makes of an exporter's and an importer's letters, and the edit that
// follows from it for one file. Pure: reads and writes nothing.
#pragma once

#include <optional>
#include <vector>

#include "migrate/relaxation.h"
#include "pax/marking.h"

namespace revdep::migrate {

struct Merge {
  pax::Marking result;
  std::vector<pax::Letter> contradicted;  ///< set by both, differently: the importer's stays
};

/// Letter by letter: the importer's where it is set, else the exporter's. A first marking gets a filler `e` unless E is
/// set: without it any marking switches EMUTRAMP on.
Merge merge(pax::Marking exporter, std::optional<pax::Marking> importer);

/// What carrying an exporter's marking to one file comes to. A contradiction alone changes nothing: Judgement::right with
/// `contradicted`. With `policy.force` the exporter wins.
FilePlan plan_compatible(pax::Marking exporter, const pax::Stores& importer, const RelaxationPolicy& policy);

}  // namespace revdep::migrate
