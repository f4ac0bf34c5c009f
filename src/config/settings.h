// The daemon's settings: names and values, from the configuration file or the command line, to a checked struct. Reads no
// file, and knows no option that is for the command line only.
#pragma once

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/variables_map.hpp>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "pax/kernel.h"

namespace revdep::config {

/// Which stores may be made.
enum class Markings : unsigned char { automatic, xattr, pt, both };

struct LogTarget {
  enum class Kind : unsigned char { automatic, journald, syslog, standard_error, file } kind = Kind::automatic;
  std::string path;  ///< of a file
  friend bool operator==(const LogTarget&, const LogTarget&) = default;
};

struct Settings {
  Markings markings = Markings::automatic;
  std::optional<pax::Kernel> kernel;            ///< nullopt: the running one
  std::chrono::milliseconds settle{500};        ///< quiet time before a burst is taken up; not more than max_delay
  std::chrono::milliseconds max_delay{10'000};  ///< the longest that one is put off
  std::chrono::milliseconds lock_timeout{60'000};
  bool withdraw = true;
  std::string state;  ///< "": the usual place, as with the next one
  std::string vdb;
  LogTarget log_target;
  std::string log_level = "info";  ///< trace, debug, info, warn, error or off
  std::string metrics_file;        ///< "": none
  friend bool operator==(const Settings&, const Settings&) = default;
};

/// Each setting as an option of the same name that takes a text: the one list of names.
boost::program_options::options_description settings_options();

/// A value for a setting; unchecked.
struct GivenSetting {
  std::string place;  ///< "/etc/revdep-pax/revdep-pax.conf:3", or "--settle=1x"
  std::string name;
  std::string value;
};

/// The lines `NAME = VALUE` of a file; '#' begins a comment anywhere. A line that is none, names no setting, or one that
/// the file has already, is left out: an error with `name` and line.
std::vector<GivenSetting> parse_settings(std::string_view text, std::string_view name,
                                         std::vector<base::Error>& errors);

/// What the command line says of the options of settings_options().
std::vector<GivenSetting> given_settings(const boost::program_options::variables_map& options);

/// The defaults, overridden by what is given, the later one last. A value that cannot be is left out: an error with its
/// place.
Settings check_settings(std::span<const GivenSetting> given, std::vector<base::Error>& errors);

}  // namespace revdep::config
