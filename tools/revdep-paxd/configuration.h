// What the daemon goes by: the settings file and the rule files of a root, below the command line's settings. Puts nothing
// in force.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/tree.h"
#include "config/rules.h"
#include "config/settings.h"
#include "engine/keeper.h"
#include "revdep-paxd/options.h"

namespace revdep::daemon {

struct Configuration {
  config::Settings settings;
  config::Rules rules;
  std::vector<base::Error> errors;  ///< what was left out
};

Configuration read_configuration(base::Tree& tree, const Options& options);

[[nodiscard]] std::size_t count_rules(const config::Rules& rules);

engine::KeeperOptions keeper_options(const Options& options, const Configuration& configuration);

/// The package database's path, of the running system.
std::string database_path(const base::Tree& tree, const config::Settings& settings);

}  // namespace revdep::daemon
