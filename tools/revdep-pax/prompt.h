// The question before each edit. Marks nothing.
#pragma once

#include <istream>
#include <string_view>

#include "report/output.h"

namespace revdep::tool {

class Prompt {
 public:
  /// `always`: -y, nothing is asked.
  Prompt(report::Output& output, std::istream& input, bool always) : output_(output), input_(input), all_(always) {}

  /// "Set flags for PATH (y/n): ": y yes, n no, a yes to all that follow, q and the end of the input no to all; anything
  /// else is asked again.
  bool confirm(std::string_view path);

 private:
  report::Output& output_;
  std::istream& input_;
  bool all_;
  bool none_ = false;
};

}  // namespace revdep::tool
