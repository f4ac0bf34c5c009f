// The compatible policy: what the original revdep-pax makes of an exporter's and an importer's letters, and the edit that
// follows from it for one file. Pure: reads and writes nothing.
#pragma once

#include <optional>
#include <vector>

#include "pax/marking.h"

namespace revdep::migrate {

struct Merge {
  pax::Marking result;
  std::vector<pax::Letter> contradicted;  ///< set by both, differently: the importer's stays
};

/// Letter by letter: the importer's where it is set, else the exporter's. A first marking gets a filler `e` unless E is
/// set: without it any marking switches EMUTRAMP on.
Merge merge(pax::Marking exporter, std::optional<pax::Marking> importer);

enum class Decision : unsigned char {
  keep,               ///< the result is what the file has
  set,                ///< user.pax.flags becomes Edit::after
  skip_header,        ///< it has a PT_PAX header, which would have to change as well
  skip_ei,            ///< its EI_PAX byte, which an xattr may hide, is set
  refused_by_kernel,  ///< no kernel would run the file then
};

/// What carrying an exporter's marking to one file comes to.
struct Edit {
  Decision decision = Decision::keep;
  std::optional<pax::Marking> before;
  pax::Marking after;
  std::vector<pax::Letter> contradicted;
  bool replaces_void = false;  ///< the xattr that is there is malformed
};

Edit plan_edit(pax::Marking exporter, const pax::Stores& importer);

}  // namespace revdep::migrate
