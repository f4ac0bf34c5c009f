// The last steps of every command that tells findings: what the user does not want to see is taken out, the rest written.
// Finds nothing.
#pragma once

#include <string>

#include "engine/edit_policy.h"
#include "report/findings.h"
#include "revdep-pax/commands.h"

namespace revdep::tool {

/// Without what was looked at, and without findings.
report::Audit new_audit(const Options& options, const engine::KnownKernel& kernel);

/// Writes the report. Its exit: whether a finding is as severe as --severity. Error: a file cannot be read or written.
base::Result<Exit> tell_findings(const Options& options, report::Audit audit, report::Output& output,
                                 report::Colors colors, std::vector<base::Error>& problems);

}  // namespace revdep::tool
