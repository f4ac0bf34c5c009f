// --audit: what is inconsistent, why, and the command that mends it.
#include "engine/audit.h"
#include "revdep-pax/commands.h"
#include "revdep-pax/evidence.h"
#include "revdep-pax/findings.h"

namespace revdep::tool {

base::Result<Exit> report_audit(Session& session) {
  auto evidence = read_evidence(session);
  if (!evidence) return evidence.error();
  engine::AuditResult result = engine::run_audit(session.system, (*evidence)->input);
  session.system_problems = std::move(result.problems);
  report::Audit audit = new_audit(session.options, (*evidence)->kernel);
  audit.objects = result.counts.objects;
  audit.executables = result.counts.executables;
  audit.findings = std::move(result.findings);
  return tell_findings(session.options, std::move(audit), session.output, session.colors, session.problems);
}

}  // namespace revdep::tool
