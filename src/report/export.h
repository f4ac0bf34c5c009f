// The whole graph as JSON, "kind": "export". A stable format for other programs: additions only, while "schema" is 1.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pax/marking.h"
#include "report/output.h"
#include "vdb/database.h"

namespace revdep::report {

struct ExportedNeed {
  std::string_view soname;
  std::string_view path;  ///< of the object that provides it; "": nobody does
};

struct ExportedObject {
  std::string_view path;
  std::string package;  ///< "cat/pf"; "": unknown
  std::string_view abi;
  std::string_view soname;       ///< "": none
  std::string_view interpreter;  ///< "": none
  std::optional<pax::Marking> marking;
  std::vector<ExportedNeed> needed;
};

struct ExportedPackage {
  vdb::PackageName name;
  vdb::Metadata metadata;
};

/// `objects` sorted by path.
void write_export(Output& output, const std::vector<ExportedObject>& objects,
                  const std::vector<ExportedPackage>& packages);

}  // namespace revdep::report
