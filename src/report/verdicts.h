// What kernels make of single files. Judges nothing.
#pragma once

#include <string>
#include <vector>

#include "pax/verdict.h"
#include "report/output.h"

namespace revdep::report {

struct FileVerdict {
  std::string path;
  pax::Stores stores;
  pax::Verdict verdict;
};

/// A block a file: its stores, the verdict, why.
void write_verdicts_text(Output& output, const std::vector<FileVerdict>& files);
/// "kind": "verdict".
void write_verdicts_json(Output& output, const std::vector<FileVerdict>& files);

}  // namespace revdep::report
