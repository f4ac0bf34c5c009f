// What became of the files that were to be marked. Marks nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pax/marking.h"
#include "report/output.h"

namespace revdep::report {

enum class Outcome : unsigned char { marked, right, refused, failed, declined };

struct Mark {
  std::string_view path;
  std::optional<pax::Marking> before;
  std::optional<pax::Marking> after;
  Outcome outcome = Outcome::failed;
  std::string reason;  ///< why it was refused or failed
};

/// "N marked, N already right, N refused to change, N failed", and how many were declined if any.
void write_marks_text(Output& output, const std::vector<Mark>& marks);
/// "kind": "mark".
void write_marks_json(Output& output, const std::vector<Mark>& marks);

}  // namespace revdep::report
