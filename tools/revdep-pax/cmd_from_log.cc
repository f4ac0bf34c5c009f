// --from-log: what a kernel log says was denied, and the marking that would allow it.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "audit/kernel_log.h"
#include "base/fd.h"
#include "revdep-pax/commands.h"
#include "revdep-pax/findings.h"

namespace revdep::tool {

base::Result<Exit> report_denials(FileSession& session) {
  const std::string& name = session.options.subject;
  const base::Fd file(name == "-" ? ::dup(STDIN_FILENO) : ::open(name.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return base::system_error("read", name, errno);
  audit::KernelLog log(name == "-" ? "standard input" : name);
  std::array<char, 65536> block{};
  ssize_t count = 0;
  while ((count = ::read(file.get(), block.data(), block.size())) > 0) {
    log.add({block.data(), static_cast<std::size_t>(count)});
  }
  if (count < 0) return base::system_error("read", name, errno);
  audit::KernelLog::Denials denials = log.finish();
  for (base::Error& error : denials.errors) session.problems.push_back(std::move(error));
  report::Audit audit = new_audit(session.options, engine::find_kernel(session.options.kernel, session.tree));
  audit.scope = name == "-" ? "standard input" : name;
  audit.findings = std::move(denials.findings);
  audit::sort(audit.findings);
  return tell_findings(session.options, std::move(audit), session.output, session.colors, session.problems);
}

}  // namespace revdep::tool
