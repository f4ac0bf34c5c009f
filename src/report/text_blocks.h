// Blocks as text: the one shape of all modes. Prints every line that it is given.
#pragma once

#include "report/block.h"
#include "report/output.h"

namespace revdep::report {

enum class Colors : bool { no, yes };

/// forward:  OBJECT :ABI ( flags )            reverse:  SONAME<TAB>LIBRARY :ABI ( flags )
///           <TAB>SONAME<TAB>LIBRARY ( flags )          <TAB>CONSUMER ( flags )
/// and a blank line after each block.
class TextBlocks final : public BlockWriter {
 public:
  TextBlocks(Output& output, Direction direction, Colors colors)
      : output_(output), direction_(direction), colors_(colors) {}

  void write(const Block& block) override;

 private:
  void write_title(const Block& block);
  void write_line(const Line& line);

  Output& output_;
  Direction direction_;
  Colors colors_;
};

}  // namespace revdep::report
