// The audit's findings as text for people, and as JSON, SARIF, Prometheus metrics and DOT for programs. Decides nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "audit/finding.h"
#include "pax/kernel.h"
#include "report/output.h"
#include "report/text_blocks.h"

namespace revdep::report {

struct Audit {
  std::string root;           ///< "/" or the directory that was given
  pax::Kernel kernel;         ///< for the verdicts
  std::string kernel_source;  ///< "declared", "running" or "assumed"
  std::size_t objects = 0;
  std::size_t executables = 0;
  std::string scope;                     ///< what was looked at, if it was no system: "45 processes"
  std::size_t ignored = 0;               ///< findings that the user's list keeps back
  std::vector<audit::Finding> findings;  ///< sorted
  /// Text and DOT leave out what is less severe. The text's verdict counts it all the same, and other formats have all.
  audit::Severity shown = audit::Severity::note;
};

/// One screen: a line with the verdict, then one entry for what has rule, severity, cause and mend in common. Nothing when
/// there is none to show, unless `verbose`, which also lists every object of an entry.
void write_audit_text(Output& output, const Audit& audit, Colors colors, bool verbose);
/// "kind": "audit"; tests/data/schemas/audit.json describes it.
void write_audit_json(Output& output, const Audit& audit);
/// SARIF 2.1.0.
void write_audit_sarif(Output& output, const Audit& audit);
/// For node_exporter's textfile collector; `time`: seconds since the epoch.
void write_audit_prometheus(Output& output, const Audit& audit, std::int64_t time);
/// The objects of the findings' chains and what leads from one to the other, for graphviz.
void write_audit_dot(Output& output, const Audit& audit);

/// Words as a POSIX shell takes them: "revdep-pax --set em '/opt/My Dir/app'".
std::string shell_command(const std::vector<std::string>& words);

}  // namespace revdep::report
