#include "revdep-paxd/options.h"

#include <boost/program_options.hpp>
#include <sstream>
#include <string_view>
#include <utility>

namespace revdep::daemon {
namespace {

namespace po = boost::program_options;
using Names = std::vector<std::string>;

constexpr const char* stray = "stray-argument";

po::options_description own_options() {
  po::options_description group("Options");
  auto add = group.add_options();
  add("root", po::value<std::string>()->value_name("DIR"), "the system below DIR; default /");
  add("config", po::value<std::string>()->value_name("FILE"),
      "below the root; default /etc/revdep-pax/revdep-pax.conf");
  add("once", "one full pass instead of going on");
  add("pretend", "write nothing, tell what would be changed");
  add("check-config", "name what is wrong with the settings and rules, and do nothing else");
  add("import", po::value<Names>()->multitoken()->value_name("FORMAT FILE"),
      "print the rules that do what a list of paxctld, paxd or paxrat does");
  add("help,h", "this text");
  add("version", "the version");
  return group;
}

// What is wrong, in one sentence; "": nothing is. The same of the next ones.
std::string read_mode(const po::variables_map& given, Options& options) {
  constexpr std::pair<const char*, Mode> modes[] = {
      {"once", Mode::once}, {"check-config", Mode::check_config}, {"import", Mode::import_list}};
  std::string names;
  for (const auto& [name, mode] : modes) {
    if (given.count(name) == 0) continue;
    names += (names.empty() ? "--" : ", --") + std::string(name);
    options.mode = mode;
  }
  if (names.find(',') != std::string::npos) return "only one of " + names + " can be given";
  options.pretend = given.count("pretend") != 0;
  if (options.pretend && options.mode != Mode::keep && options.mode != Mode::once) {
    return names + " writes nothing: it needs no --pretend";
  }
  return "";
}

std::string read_import(const po::variables_map& given, Options& options) {
  if (given.count("import") == 0) return "";
  const auto& values = given["import"].as<Names>();
  if (values.size() != 2) return "--import needs exactly two values, FORMAT and FILE";
  const auto format = config::parse_foreign_format(values[0]);
  if (!format) return "--import " + values[0] + ": FORMAT is paxctld, paxd or paxrat";
  if (values[1].empty()) return "--import needs a FILE that is not empty";
  options.format = *format;
  options.list = values[1];
  return "";
}

std::string read_text(const po::variables_map& given, const std::string& name, std::string& value) {
  if (given.count(name) == 0) return "";
  value = given[name].as<std::string>();
  return value.empty() ? "--" + name + " needs a value that is not empty" : "";
}

std::string read_options(const po::variables_map& given, Options& options) {
  if (given.count("help") != 0 || given.count("version") != 0) {
    options.mode = given.count("help") != 0 ? Mode::help : Mode::version;
    return "";
  }
  if (given.count(stray) != 0) return "'" + given[stray].as<Names>().front() + "' belongs to no option";
  for (const std::string& complaint :
       {read_mode(given, options), read_import(given, options), read_text(given, "root", options.root),
        read_text(given, "config", options.config_file)}) {
    if (!complaint.empty()) return complaint;
  }
  if (!options.config_file.empty() && !options.config_file.starts_with('/')) {
    return "--config=" + options.config_file + ": FILE is an absolute path below the root";
  }
  options.settings = config::given_settings(given);
  std::vector<base::Error> errors;
  config::check_settings(options.settings, errors);
  return errors.empty() ? "" : errors.front().to_string();
}

}  // namespace

Parsed parse_options(const std::vector<std::string>& arguments) {
  po::options_description all;
  all.add(own_options()).add(config::settings_options());
  all.add_options()(stray, po::value<Names>());
  po::positional_options_description positions;
  positions.add(stray, -1);
  constexpr int style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;

  Parsed parsed;
  parsed.options.command = "revdep-paxd";
  for (const std::string& argument : arguments) parsed.options.command += ' ' + argument;
  try {
    po::variables_map given;
    po::store(po::command_line_parser(arguments).options(all).positional(positions).style(style).run(), given);
    parsed.complaint = read_options(given, parsed.options);
  } catch (const po::error& error) {
    parsed.complaint = error.what();
  }
  return parsed;
}

std::string help_text() {
  std::ostringstream text;
  text << usage_text()
       << "\nGives every executable the PaX flags that its libraries and the rules ask for, again after each "
          "install.\n\n"
       << own_options() << '\n'
       << config::settings_options()
       << "\nExit code: 0 ended when told to, or all done; 1 with --once: something is left to do; with --check-config "
          "and\n--import: something is wrong; 2 usage or environment.\n";
  return text.str();
}

std::string usage_text() {
  return "Usage: revdep-paxd [--root DIR] [--config FILE] [--once] [--pretend] [settings], or another mode of --help\n";
}

}  // namespace revdep::daemon
