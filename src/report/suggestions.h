// Markings that objects need and do not have, with the evidence and how far they would reach. Decides nothing.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "pax/relax.h"
#include "report/output.h"

namespace revdep::report {

struct SuggestedMarking {
  std::string path;
  std::string package;  ///< "" when none owns it
  pax::Relaxations flags;
  std::string evidence;
  bool library = false;
  std::size_t executables = 0;  ///< that load the library
  std::size_t privileged_executables = 0;
};

/// "PATH [package]: m (text relocations; 25 executables load it, 2 of them set-id)", one line each.
void write_suggestions_text(Output& output, const std::vector<SuggestedMarking>& suggestions);
/// "kind": "suggest".
void write_suggestions_json(Output& output, const std::vector<SuggestedMarking>& suggestions);

}  // namespace revdep::report
