// The command line of revdep-paxd as a checked struct. Reads the arguments only: no file, no environment.
#pragma once

#include <string>
#include <vector>

#include "config/import.h"
#include "config/settings.h"

namespace revdep::daemon {

enum class Mode : unsigned char { help, version, keep, once, check_config, import_list };

struct Options {
  Mode mode = Mode::keep;
  bool pretend = false;  ///< nothing is written
  std::string root = "/";
  std::string config_file;                     ///< below the root; "": the usual one, which may be missing
  config::ForeignFormat format{};              ///< of --import, as the next one
  std::string list;                            ///< the other daemon's
  std::vector<config::GivenSetting> settings;  ///< checked; they override the file's
  std::string command;                         ///< the command line, for the journal
};

struct Parsed {
  Options options;
  std::string complaint;  ///< one sentence; "": the options can be used
};

/// `arguments` without the program's name.
Parsed parse_options(const std::vector<std::string>& arguments);

/// What --help prints.
std::string help_text();
/// The one line that a usage error shows.
std::string usage_text();

}  // namespace revdep::daemon
