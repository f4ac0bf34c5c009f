// The audit of a loaded system: what the rules want to know of each object, gathered, and the rules run on it. Reads; prints
// nothing.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "audit/finding.h"
#include "audit/known.h"
#include "audit/subject.h"
#include "engine/system.h"
#include "migrate/journal.h"

namespace revdep::engine {

struct AuditInput {
  audit::Context context;
  audit::KnownList known;
  std::vector<migrate::Claim> claims;
  std::vector<migrate::Hold> holds;
  const migrate::Journal* journal = nullptr;  ///< never null
};

struct AuditCounts {
  std::size_t objects = 0;
  std::size_t executables = 0;
};

/// Hands each object to `use`, in no order. The system was loaded with FactsFrom::elf.
AuditCounts for_each_subject(System& system, const AuditInput& input,
                             const std::function<void(base::ObjectId, const audit::Subject&)>& use);

struct AuditResult {
  AuditCounts counts;
  std::vector<audit::Finding> findings;  ///< sorted
  std::vector<base::Error> problems;     ///< the system's that no finding tells
};

AuditResult run_audit(System& system, const AuditInput& input);

}  // namespace revdep::engine
