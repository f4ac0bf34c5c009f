// --status: what the daemon that keeps this system lets others know.
#include "revdep-paxd/status.h"

#include "report/names.h"
#include "revdep-pax/commands.h"
#include "revdep-paxd/run_directory.h"

namespace revdep::tool {

base::Result<Exit> report_status(FileSession& session) {
  const auto status = daemon::read_status(session.tree);
  if (!status) return status.error();
  const bool as_json = session.options.format == Format::json;
  if (!*status) {
    const std::string& root = session.tree.prefix();
    session.output << (as_json ? R"({"schema": 1, "kind": "status", "running": false})"
                               : "no revdep-paxd runs on " + (root.empty() ? "/" : report::escape(root)))
                   << '\n';
    return Exit::findings;
  }
  const std::string name = session.tree.prefix() + "/run/revdep-pax/status.json";
  const auto text = as_json ? daemon::check_status_json(**status, name) : daemon::format_status_text(**status, name);
  if (!text) return text.error();
  session.output << *text;
  return Exit::clean;
}

}  // namespace revdep::tool
