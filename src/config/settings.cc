#include "config/settings.h"

#include <algorithm>
#include <array>
#include <boost/program_options.hpp>
#include <cstddef>
#include <sstream>
#include <utility>

#include "config/lines.h"
#include "config/nearest.h"
#include "config/setting_values.h"

namespace revdep::config {
namespace {

namespace po = boost::program_options;

using Value = const std::string&;

constexpr std::array<std::string_view, 4> markings = {"auto", "xattr", "pt", "both"};
constexpr std::array<std::string_view, 2> answers = {"no", "yes"};
constexpr std::array<std::string_view, 6> log_levels = {"trace", "debug", "info", "warn", "error", "off"};
constexpr std::array<std::string_view, 4> log_targets = {"auto", "journald", "syslog", "stderr"};
constexpr std::string_view log_file = "file:";

std::string set_kernel(Settings& settings, Value text) {
  const auto kernel = pax::parse_kernel(text);
  if (!kernel) return kernel.error().reason;
  settings.kernel = *kernel;
  return "";
}

std::string set_log_target(Settings& settings, Value text) {
  if (text.starts_with(log_file)) {
    std::string path;
    std::string fault = read_path(text.substr(log_file.size()), path);
    if (fault.empty()) settings.log_target = {LogTarget::Kind::file, std::move(path)};
    return fault;
  }
  LogTarget::Kind kind = LogTarget::Kind::automatic;
  std::string fault = read_word(text, log_targets, kind);
  if (!fault.empty()) return fault + ", or file:PATH";
  settings.log_target = {kind, ""};
  return "";
}

std::string set_log_level(Settings& settings, Value text) {
  std::size_t level = 0;
  std::string fault = read_word(text, log_levels, level);
  if (fault.empty()) settings.log_level = text;
  return fault;
}

struct Setting {
  const char* name;
  const char* values;
  const char* help;
  /// What is wrong with the text; "": it is set.
  std::string (*set)(Settings& settings, Value text);
};

constexpr std::array<Setting, 11> table = {{
    {"markings", "auto|xattr|pt|both", "which kinds may be made; default auto",
     [](Settings& settings, Value text) { return read_word(text, markings, settings.markings); }},
    {"kernel", "KEY=VALUE,...", "the kernel that runs the files; default: the running one", set_kernel},
    {"settle", "TIME", "how long the package database is quiet before a turn; default 500ms",
     [](Settings& settings, Value text) { return read_duration(text, settings.settle); }},
    {"max-delay", "TIME", "how long a turn is put off at most; default 10s",
     [](Settings& settings, Value text) { return read_duration(text, settings.max_delay); }},
    {"lock-timeout", "TIME", "how long the package database's lock is waited for; default 60s",
     [](Settings& settings, Value text) { return read_duration(text, settings.lock_timeout); }},
    {"withdraw", "yes|no", "take back letters of ours that nobody asks for any more; default yes",
     [](Settings& settings, Value text) { return read_word(text, answers, settings.withdraw); }},
    {"state", "FILE", "the journal; default var/lib/revdep-pax/state.db below the root",
     [](Settings& settings, Value text) { return read_path(text, settings.state); }},
    {"vdb", "DIR", "the package database; default var/db/pkg below the root",
     [](Settings& settings, Value text) { return read_path(text, settings.vdb); }},
    {"log-target", "auto|journald|syslog|stderr|file:PATH", "where the log goes; default auto", set_log_target},
    {"log-level", "LEVEL", "trace, debug, info, warn, error or off; default info", set_log_level},
    {"metrics-file", "FILE", "for node_exporter's textfile collector; default none",
     [](Settings& settings, Value text) { return read_path(text, settings.metrics_file); }},
}};

std::array<std::string_view, table.size()> names() {
  std::array<std::string_view, table.size()> all;
  std::ranges::transform(table, all.begin(), &Setting::name);
  return all;
}

struct Line {
  std::string name;
  std::string value;
  std::string fault;  // "": nothing is wrong; without a name the line is blank
};

Line parse_line(std::string_view line, const po::options_description& known) {
  std::istringstream text{std::string(line)};
  try {
    const po::parsed_options parsed = po::parse_config_file(text, known, true);
    if (parsed.options.empty()) {
      const bool is_section = line.substr(std::min(line.find_first_not_of(" \t"), line.size())).starts_with('[');
      return {"", "", is_section ? "there are no sections here; meant is: NAME = VALUE" : ""};
    }
    const po::option& option = parsed.options.front();
    const std::string& name = option.string_key;
    if (option.unregistered) {
      return {"", "", "unknown setting '" + name + '\'' + suggest_name(name, names(), "known are")};
    }
    return {name, option.value.empty() ? "" : option.value.front(), ""};
  } catch (const po::error&) {
    return {"", "", "it is no setting; meant is: NAME = VALUE"};
  }
}

}  // namespace

po::options_description settings_options() {
  po::options_description group("Settings, as in the configuration file");
  for (const Setting& setting : table) {
    group.add_options()(setting.name, po::value<std::string>()->value_name(setting.values), setting.help);
  }
  return group;
}

std::vector<GivenSetting> parse_settings(std::string_view text, std::string_view name,
                                         std::vector<base::Error>& errors) {
  const po::options_description known = settings_options();
  std::vector<GivenSetting> given;
  for_each_line(text, [&](std::string_view line, std::size_t number) {
    const std::string place = std::string(name) + ':' + std::to_string(number);
    Line parsed = parse_line(line, known);
    const auto first = std::ranges::find(given, parsed.name, &GivenSetting::name);
    if (first != given.end())
      parsed.fault = '\'' + parsed.name + "' stands at " + first->place + " already, which holds";
    if (!parsed.fault.empty()) {
      errors.push_back({"use", place, std::move(parsed.fault)});
    } else if (!parsed.name.empty()) {
      given.push_back({place, std::move(parsed.name), std::move(parsed.value)});
    }
  });
  return given;
}

std::vector<GivenSetting> given_settings(const po::variables_map& options) {
  std::vector<GivenSetting> given;
  for (const Setting& setting : table) {
    if (options.count(setting.name) == 0) continue;
    const auto& value = options[setting.name].as<std::string>();
    given.push_back({std::string("--") + setting.name + '=' + value, setting.name, value});
  }
  return given;
}

Settings check_settings(std::span<const GivenSetting> given, std::vector<base::Error>& errors) {
  Settings settings;
  const auto complain = [&errors](const GivenSetting& setting, const std::string& fault) {
    errors.push_back({"use", setting.place, '\'' + setting.name + "': " + fault});
  };
  const GivenSetting* delay = nullptr;  // the last one of those that belong together
  for (const GivenSetting& one : given) {
    const auto setting = std::ranges::find(table, std::string_view(one.name), &Setting::name);
    const std::string fault = setting->set(settings, one.value);
    if (!fault.empty()) {
      complain(one, fault);
    } else if (one.name == "settle" || one.name == "max-delay") {
      delay = &one;
    }
  }
  if (delay != nullptr && settings.max_delay < settings.settle) {
    complain(*delay, "a turn cannot be put off for less ('max-delay') than it waits for quiet ('settle')");
    settings.settle = settings.max_delay;
  }
  return settings;
}

}  // namespace revdep::config
