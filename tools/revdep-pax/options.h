// The command line of revdep-pax as a checked struct. Reads the arguments only: no file, no environment.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/system.h"

namespace revdep::tool {

enum class Mode : unsigned char { help, version, forward, reverse, object, soname, library, tree, chain, export_graph };
enum class Format : unsigned char { text, json };
enum class Color : unsigned char { automatic, always, never };

struct Options {
  Mode mode = Mode::help;
  std::string subject;  ///< OBJECT, SONAME, LIBRARY or EXECUTABLE
  std::string library;  ///< LIBRARY of --chain
  bool verbose = false;
  bool executables = false;
  bool mark = false;
  bool yes = false;
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

/// `arguments` without the program's name.
Parsed parse_options(const std::vector<std::string>& arguments);

/// What --help prints.
std::string help_text();
/// The one line that a usage error shows.
std::string usage_text();

}  // namespace revdep::tool
