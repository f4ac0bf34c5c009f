#include "revdep-paxd/configuration.h"

#include <utility>

#include "config/config_files.h"
#include "config/read_rules.h"

namespace revdep::daemon {
namespace {

constexpr const char* usual_file = "/etc/revdep-pax/revdep-pax.conf";

std::vector<config::GivenSetting> read_settings(base::Tree& tree, const Options& options,
                                                std::vector<base::Error>& errors) {
  const bool is_usual = options.config_file.empty();
  const std::string path = is_usual ? usual_file : options.config_file;
  const auto file = config::read_config_file(tree, path);
  if (!file) {
    errors.push_back(file.error());
  } else if (*file) {
    return config::parse_settings((*file)->text, (*file)->name, errors);
  } else if (!is_usual) {
    errors.push_back({"read", tree.prefix() + path, "there is no such file"});
  }
  return {};
}

}  // namespace

Configuration read_configuration(base::Tree& tree, const Options& options) {
  tree.forget();
  Configuration read;
  std::vector<config::GivenSetting> given = read_settings(tree, options, read.errors);
  given.insert(given.end(), options.settings.begin(), options.settings.end());
  read.settings = config::check_settings(given, read.errors);
  config::ReadRules rules = config::read_rules(tree);
  read.rules = std::move(rules.rules);
  for (base::Error& error : rules.errors) read.errors.push_back(std::move(error));
  return read;
}

std::size_t count_rules(const config::Rules& rules) {
  return rules.marks.size() + rules.requirements.size() + rules.ignores.size() + rules.loads.size();
}

engine::KeeperOptions keeper_options(const Options& options, const Configuration& configuration) {
  const config::Settings& settings = configuration.settings;
  engine::KeeperOptions keeper;
  keeper.load.root = options.root;
  keeper.load.vdb = settings.vdb;
  // Without a package database there would be nothing to follow.
  keeper.load.source = engine::Source::vdb;
  keeper.load.rules = configuration.rules;
  keeper.kernel = settings.kernel;
  keeper.markings = settings.markings;
  keeper.withdraw = settings.withdraw;
  keeper.pretend = options.pretend;
  keeper.state = settings.state;
  keeper.command = options.command;
  return keeper;
}

std::string database_path(const base::Tree& tree, const config::Settings& settings) {
  return settings.vdb.empty() ? tree.prefix() + "/var/db/pkg" : settings.vdb;
}

}  // namespace revdep::daemon
