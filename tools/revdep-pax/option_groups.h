// The options that there are, and what --help says of them. Reads no argument.
#pragma once

#include <boost/program_options/options_description.hpp>

namespace revdep::tool {

boost::program_options::options_description mode_options();
boost::program_options::options_description report_options();
boost::program_options::options_description edit_options();

}  // namespace revdep::tool
