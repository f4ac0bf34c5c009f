// The command line of revdep-pax as a checked struct. Reads the arguments only: no file, no environment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "audit/finding.h"
#include "engine/edit_policy.h"
#include "engine/system.h"
#include "pax/kernel.h"
#include "pax/marking.h"

namespace revdep::tool {

enum class Mode : unsigned char {
  help,
  version,
  forward,
  reverse,
  object,
  soname,
  library,
  tree,
  chain,
  export_graph,
  set,
  clear,
  sync,
  sync_all,
  verdict,
  why,
  history,
  undo,
  release,
  withdraw_all,
  audit,
  suggest,
  running,
  from_log,
  graph,
  status,
  image,
};
using engine::Markings;
enum class Format : unsigned char { text, json, sarif, prometheus, dot };
enum class Color : unsigned char { automatic, always, never };

struct Options {
  Mode mode = Mode::help;
  std::string subject;              ///< OBJECT, SONAME, LIBRARY, EXECUTABLE the log's FILE or the image's DIR
  std::string library;              ///< LIBRARY of --chain
  std::vector<std::string> files;   ///< of --set, --clear, --sync, --verdict; paths and sonames of --suggest
  pax::Marking letters;             ///< of --set
  std::optional<std::int64_t> run;  ///< of --undo; nullopt: the last one
  bool verbose = false;
  bool executables = false;
  bool mark = false;
  bool yes = false;
  bool pretend = false;
  bool force = false;
  bool nonroot = false;
  bool wait = true;
  bool withdraw = true;
  Markings markings = Markings::automatic;
  std::string markings_text;          ///< as it was given
  std::optional<pax::Kernel> kernel;  ///< --kernel
  std::string kernel_text;            ///< as it was given
  std::vector<std::string> only;      ///< globs on targets
  std::vector<std::string> exclude;
  std::string state;                                    ///< --state
  std::string command;                                  ///< the command line, for the journal
  audit::Severity severity = audit::Severity::warning;  ///< --severity
  std::vector<audit::Rule> rules;                       ///< --rule; empty: all
  std::string ignore_file;
  std::string output_file;  ///< ""; standard output
  bool quiet = false;
  Format format = Format::text;
  Color color = Color::automatic;
  std::string log_level = "warn";
  engine::LoadOptions load;
};

struct Parsed {
  Options options;
  std::string complaint;  ///< one sentence; "": the options can be used
};

/// Whether the mode tells findings.
[[nodiscard]] bool is_auditing(const Options& options);

/// Whether the run changes files (or would, with --pretend).
[[nodiscard]] bool is_editing(const Options& options);

/// `arguments` without the program's name.
Parsed parse_options(const std::vector<std::string>& arguments);

/// What --help prints.
std::string help_text();
/// The one line that a usage error shows.
std::string usage_text();

}  // namespace revdep::tool
