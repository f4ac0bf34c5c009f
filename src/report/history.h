// What was changed, when and why: runs with their edits, and the letters of one file with who asks for them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "migrate/journal.h"
#include "report/output.h"

namespace revdep::report {

struct RunReport {
  migrate::Run run;
  std::vector<migrate::JournalledEdit> edits;
};

/// One line a run, newest first: number, time (UTC), how many files, the command. `verbose`: its edits below it.
void write_history_text(Output& output, const std::vector<RunReport>& history, bool verbose);
/// "kind": "history".
void write_history_json(Output& output, const std::vector<RunReport>& history);

struct WhyLetter {
  pax::Letter letter = pax::Letter::P;
  pax::Setting setting = pax::Setting::unset;
  bool asked = false;
  bool filler = false;                           ///< our `e`, to keep EMUTRAMP off
  std::vector<std::vector<std::string>> chains;  ///< from the file to each asker: canonical paths
  std::optional<migrate::Run> run;               ///< that set it; nullopt: none of ours
};

struct Why {
  std::string path;
  std::string package;
  std::optional<pax::Marking> marking;
  std::vector<WhyLetter> letters;
};

void write_why_text(Output& output, const Why& why);
/// "kind": "why".
void write_why_json(Output& output, const Why& why);

}  // namespace revdep::report
