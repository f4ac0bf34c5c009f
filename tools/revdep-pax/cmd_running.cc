// --running: what the processes of this system load and may do.
#include <algorithm>
#include <map>

#include "audit/running.h"
#include "engine/chain.h"
#include "engine/processes.h"
#include "engine/requirements.h"
#include "revdep-pax/commands.h"
#include "revdep-pax/evidence.h"
#include "revdep-pax/findings.h"

namespace revdep::tool {
namespace {

using base::ObjectId;

class ProcessJudge {
 public:
  ProcessJudge(Session& session, const engine::AuditInput& input)
      : session_(session), input_(input), claims_(session.system, input.claims), askers_(session.system, claims_) {}

  audit::RunningProcess describe(const engine::Process& process) {
    audit::RunningProcess described;
    described.pid = process.pid;
    described.executable = process.executable;
    described.deleted = process.deleted;
    described.stores = process.stores;
    described.verdict = pax::judge(process.stores, input_.context.kernel);
    described.shown = process.effective;
    described.started = process.started;
    described.changed = process.changed.tv_sec;
    const ObjectId executable = is_own(process) ? find(process.executable) : ObjectId{};
    if (executable.valid()) described.package = package_of(session_.system, executable);
    for (const engine::MappedFile& file : process.mapped) {
      const ObjectId library = file.deleted ? ObjectId{} : find(file.path);
      if (!library.valid() || library == executable || file.path == process.executable) continue;
      described.libraries.push_back(describe(executable, library));
    }
    return described;
  }

 private:
  // Not that of another mount namespace, whose paths lead to other files.
  bool is_own(const engine::Process& process) {
    const auto status = session_.system.tree().status(process.executable);
    return status && status->st_dev == process.device && status->st_ino == process.inode;
  }

  audit::MappedLibrary describe(ObjectId executable, ObjectId library) {
    engine::System& system = session_.system;
    audit::MappedLibrary described{std::string(system.graph().path(library)), askers_.of(library), true, {}};
    // Of an executable that is another file here, nobody can say what it loads.
    if (!executable.valid()) return described;
    const auto [known, is_new] = closures_.try_emplace(executable);
    if (is_new) known->second = system.closure(executable);
    described.known = std::ranges::any_of(known->second.objects, [&](const loader::Mapped& mapped) {
      return mapped.object == library || mapped.file == library;
    });
    if (described.known) described.chain = engine::chain_to(system.graph(), known->second, library);
    return described;
  }

  // Invalid: no ELF object, or none that can be read.
  ObjectId find(const std::string& path) {
    if (!path.starts_with('/')) return {};
    const base::Tree::Resolved resolved = session_.system.tree().resolve(path);
    return resolved.kind == base::FileKind::regular ? session_.system.find_or_read(resolved.path) : ObjectId{};
  }

  Session& session_;
  const engine::AuditInput& input_;
  engine::Claims claims_;
  engine::Askers askers_;
  std::map<ObjectId, graph::Closure> closures_;
};

}  // namespace

base::Result<Exit> report_running(Session& session) {
  auto evidence = read_evidence(session);
  if (!evidence) return evidence.error();
  auto processes = engine::read_processes();
  if (!processes) return processes.error();
  ProcessJudge judge(session, (*evidence)->input);
  std::vector<audit::RunningProcess> described;
  for (const engine::Process& process : processes->seen) described.push_back(judge.describe(process));
  report::Audit audit = new_audit(session.options, (*evidence)->kernel);
  audit.scope = std::to_string(described.size()) + (described.size() == 1 ? " process" : " processes");
  if (processes->hidden != 0) audit.scope += " (" + std::to_string(processes->hidden) + " more may not be looked at)";
  audit::check_running((*evidence)->input.context, described, audit.findings);
  audit::sort(audit.findings);
  for (base::Error& problem : processes->problems) session.problems.push_back(std::move(problem));
  return tell_findings(session.options, std::move(audit), session.output, session.colors, session.problems);
}

}  // namespace revdep::tool
