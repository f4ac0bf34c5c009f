// Blocks as JSON, "schema": 1 and "kind": "forward" or "reverse": one line of text an object, so that a report of any
// size is never held as a whole.
#pragma once

#include "report/block.h"
#include "report/output.h"

namespace revdep::report {

class JsonBlocks final : public BlockWriter {
 public:
  JsonBlocks(Output& output, Direction direction);

  void write(const Block& block) override;
  void finish() override;

 private:
  Output& output_;
  Direction direction_;
  bool first_ = true;
};

}  // namespace revdep::report
