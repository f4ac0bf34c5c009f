// What the formats that people read share: findings that have rule, severity, cause and mend in common as one entry each,
// and their clauses and commands on one line. Writes nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/finding.h"

namespace revdep::report {

struct FindingGroup {
  std::vector<const audit::Finding*> findings;  ///< at least one; more only where they have a cause
  std::vector<std::string> objects;             ///< theirs, each once, sorted

  [[nodiscard]] const audit::Finding& first() const { return *findings.front(); }
};

/// Of those that are at least as severe as `least`. Severest first, then by rule, more objects first, cause, first object.
/// The findings of a group keep their order. They must outlive it.
std::vector<FindingGroup> group_findings(const std::vector<audit::Finding>& findings, audit::Severity least);

/// A finding's message or cause: control bytes as \xHH. Its backslashes stay: names in it are escaped already.
std::string clause(std::string_view text);

/// The words of `mend` for these objects.
std::vector<std::string> mending_command(const audit::Mend& mend, const std::vector<std::string>& objects);
/// The same for a shell. nullopt: no line can hold it, as a name has control bytes.
std::optional<std::string> mending_line(const audit::Mend& mend, const std::vector<std::string>& objects);

}  // namespace revdep::report
