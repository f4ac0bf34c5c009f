// What the subcommands share, and their list: one file each, cmd_*.cc.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/system.h"
#include "report/output.h"
#include "report/text_blocks.h"
#include "revdep-pax/editor.h"
#include "revdep-pax/options.h"
#include "revdep-pax/view.h"

namespace revdep::tool {

struct Session {
  Session(const Options& given, engine::System& loaded, report::Output& to, report::Colors with,
          const std::vector<std::string>& path_directories)
      : options(given), system(loaded), output(to), colors(with), view(loaded, path_directories) {}

  const Options& options;
  engine::System& system;
  report::Output& output;
  report::Colors colors;
  View view;
  std::vector<base::Error> problems;  ///< what the command could not do, beside the system's
  /// The system's that are still to be named, where the command told some itself.
  std::optional<std::vector<base::Error>> system_problems;
};

// An error of these is the run's: nothing could be answered.
base::Result<Exit> report_forward(Session& session);
base::Result<Exit> report_object(Session& session);
base::Result<Exit> report_reverse(Session& session);
base::Result<Exit> report_soname(Session& session);
base::Result<Exit> report_library(Session& session);
base::Result<Exit> mark_libraries(Session& session);
base::Result<Exit> mark_soname(Session& session);
base::Result<Exit> mark_library(Session& session);
base::Result<Exit> migrate_system(Session& session);
base::Result<Exit> sync_all(Session& session);
base::Result<Exit> withdraw_all(Session& session);
base::Result<Exit> report_why(Session& session);
base::Result<Exit> report_tree(Session& session);
base::Result<Exit> report_chain(Session& session);
base::Result<Exit> report_export(Session& session);
base::Result<Exit> report_audit(Session& session);
base::Result<Exit> report_suggestions(Session& session);
base::Result<Exit> report_graph(Session& session);
base::Result<Exit> report_running(Session& session);
base::Result<Exit> mark_image(Session& session);

/// The commands that need no graph.
struct FileSession {
  const Options& options;
  base::Tree& tree;
  report::Output& output;
  report::Colors colors;
  std::vector<base::Error> problems;
};
base::Result<Exit> report_verdicts(FileSession& session);
base::Result<Exit> edit_files(FileSession& session);
base::Result<Exit> report_history(FileSession& session);
base::Result<Exit> undo_run(FileSession& session);
base::Result<Exit> release_holds(FileSession& session);
base::Result<Exit> report_denials(FileSession& session);
base::Result<Exit> report_status(FileSession& session);

}  // namespace revdep::tool
