// From the graph to the blocks of a report, and which of their lines are shown.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "report/block.h"
#include "revdep-pax/commands.h"

namespace revdep::tool {

/// One object against others: as a block, and who would be marked with whose flags.
struct Subject {
  report::Block block;
  base::ObjectId exporter;                ///< invalid: nobody provides the soname
  std::vector<base::ObjectId> importers;  ///< in the block's order
};

/// An object and its closure, in the loader's order. The interpreter is shown, but is never marked.
Subject forward_subject(Session& session, base::ObjectId object);
/// A library and `consumers`, which are sorted by path and not gone.
Subject reverse_subject(Session& session, base::ObjectId library, const std::vector<base::ObjectId>& consumers);
/// The consumers of a library that are there, in $PATH where the options say so, sorted by path.
std::vector<base::ObjectId> consumers_of(Session& session, base::ObjectId library);

/// Writes what the options ask for: all, or the lines that differ, if any.
class Selection {
 public:
  Selection(Session& session, report::Direction direction);

  void write(const report::Block& block);
  /// Ends the report. The verdict on all that was written.
  Exit finish();

 private:
  bool verbose_;
  std::unique_ptr<report::BlockWriter> writer_;
  report::Block shown_;
  Exit exit_ = Exit::clean;
};

}  // namespace revdep::tool
