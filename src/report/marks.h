// What became of the files that were to be marked, or would. Marks nothing.
#pragma once

#include <string>
#include <vector>

#include "migrate/journal.h"
#include "pax/marking.h"
#include "report/output.h"

namespace revdep::report {

enum class Outcome : unsigned char { marked, right, withdrawn, refused, failed, declined, pending };

struct Mark {
  std::string path;
  std::string package;  ///< "" when none owns it
  pax::Stores before;
  pax::Stores after;  ///< what stands, or (pending) would stand
  Outcome outcome = Outcome::failed;
  std::string reason;  ///< why it was refused or failed
  std::string why;     ///< who asks: "m: /usr/lib64/libjit.so.1"
};

/// "m: /usr/lib64/libjit.so.1, /usr/lib64/libz.so.1; p: ...".
std::string format_reasons(const std::vector<migrate::Reason>& reasons);

/// Of a pending mark, one line a store: "/usr/bin/x: user.pax.flags none -> em", who asks for it behind.
void write_pending_text(Output& output, const Mark& mark);
/// "N marked, N already right, N withdrawn, N refused to change, N failed", and how many were declined if any. When all is
/// pending: "N to mark, N already right, ...".
void write_marks_text(Output& output, const std::vector<Mark>& marks);
/// "kind": "mark".
void write_marks_json(Output& output, const std::vector<Mark>& marks);

}  // namespace revdep::report
