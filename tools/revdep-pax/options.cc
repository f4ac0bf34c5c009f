#include "revdep-pax/options.h"

#include <algorithm>
#include <array>
#include <boost/program_options.hpp>
#include <charconv>
#include <sstream>
#include <string_view>
#include <utility>

#include "revdep-pax/option_groups.h"

namespace revdep::tool {
namespace {

namespace po = boost::program_options;

constexpr const char* stray = "stray-argument";

template <class Value>
using Words = std::vector<std::pair<std::string_view, Value>>;

const Words<engine::Source>& sources() {
  static const Words<engine::Source> words = {
      {"auto", engine::Source::automatic}, {"vdb", engine::Source::vdb}, {"filesystem", engine::Source::filesystem}};
  return words;
}

const Words<engine::FactsFrom>& facts() {
  static const Words<engine::FactsFrom> words = {{"vdb", engine::FactsFrom::vdb}, {"elf", engine::FactsFrom::elf}};
  return words;
}

const Words<Format>& formats() {
  static const Words<Format> words = {{"text", Format::text},
                                      {"json", Format::json},
                                      {"sarif", Format::sarif},
                                      {"prometheus", Format::prometheus},
                                      {"dot", Format::dot}};
  return words;
}

const Words<Markings>& markings() {
  static const Words<Markings> words = {
      {"auto", Markings::automatic}, {"xattr", Markings::xattr}, {"pt", Markings::pt}, {"both", Markings::both}};
  return words;
}

const Words<Color>& colors() {
  static const Words<Color> words = {{"auto", Color::automatic}, {"always", Color::always}, {"never", Color::never}};
  return words;
}

const Words<audit::Severity>& severities() {
  static const Words<audit::Severity> words = {
      {"note", audit::Severity::note}, {"warning", audit::Severity::warning}, {"error", audit::Severity::error}};
  return words;
}

constexpr std::array<std::string_view, 6> log_levels = {"trace", "debug", "info", "warn", "error", "off"};

// A finding of one check: "" when there is nothing to say.
using Complaint = std::string;

template <class Value>
Complaint read_word(const po::variables_map& given, const std::string& name, const Words<Value>& words, Value& value) {
  if (given.count(name) == 0) return {};
  const auto& text = given[name].as<std::string>();
  const auto found = std::find_if(words.begin(), words.end(), [&](const auto& word) { return word.first == text; });
  if (found == words.end()) {
    std::string choices;
    for (const auto& word : words) choices += (choices.empty() ? "" : ", ") + std::string(word.first);
    return "--" + name + "=" + text + " is none of " + choices;
  }
  value = found->second;
  return {};
}

Complaint read_text(const po::variables_map& given, const std::string& name, std::string& value) {
  if (given.count(name) == 0) return {};
  value = given[name].as<std::string>();
  return value.empty() ? "--" + name + " needs a value that is not empty" : "";
}

using Names = std::vector<std::string>;

const Words<Mode>& mode_names() {
  static const Words<Mode> words = {{"forward", Mode::forward}, {"reverse", Mode::reverse},
                                    {"object", Mode::object},   {"soname", Mode::soname},
                                    {"library", Mode::library}, {"tree", Mode::tree},
                                    {"chain", Mode::chain},     {"export", Mode::export_graph},
                                    {"set", Mode::set},         {"clear", Mode::clear},
                                    {"sync", Mode::sync},       {"sync-all", Mode::sync_all},
                                    {"verdict", Mode::verdict}, {"why", Mode::why},
                                    {"history", Mode::history}, {"undo", Mode::undo},
                                    {"release", Mode::release}, {"withdraw-all", Mode::withdraw_all},
                                    {"audit", Mode::audit},     {"suggest", Mode::suggest},
                                    {"running", Mode::running}, {"from-log", Mode::from_log},
                                    {"graph", Mode::graph},     {"status", Mode::status},
                                    {"image", Mode::image}};
  return words;
}

// The values of a mode that takes several.
Complaint read_values(const Names& values, const std::string& name, Options& options) {
  if (std::find(values.begin(), values.end(), "") != values.end())
    return "--" + name + " needs values that are not empty";
  options.files = values;
  if (options.mode == Mode::chain) {
    if (values.size() != 2) return "--chain needs exactly two values, EXECUTABLE and LIBRARY";
    options.subject = values[0];
    options.library = values[1];
  } else if (options.mode == Mode::set) {
    if (values.size() < 2) return "--set needs FLAGS and at least one FILE";
    const auto letters = pax::parse_letters(values[0]);
    if (!letters)
      return "--set " + values[0] + ": flags are up to five of PEMRS, upper case on, lower case off, each once";
    options.letters = *letters;
    options.files.erase(options.files.begin());
  }
  return {};
}

Complaint read_run(const std::string& text, Options& options) {
  if (text.empty()) return {};
  std::int64_t run = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), run);
  if (error != std::errc() || end != text.data() + text.size() || run < 1) {
    return "--undo=" + text + ": RUN is a number that --history shows";
  }
  options.run = run;
  return {};
}

Complaint read_mode(const po::variables_map& given, Options& options) {
  std::string names;
  for (const auto& [name, mode] : mode_names()) {
    if (given.count(std::string(name)) == 0) continue;
    names += (names.empty() ? "--" : ", --") + std::string(name);
    options.mode = mode;
  }
  if (names.empty()) return "no mode is given";
  if (names.find(',') != std::string::npos) return "only one of " + names + " can be given";
  const std::string name = names.substr(2);
  switch (options.mode) {
    case Mode::object:
    case Mode::soname:
    case Mode::library:
    case Mode::tree:
    case Mode::why:
    case Mode::from_log:
    case Mode::graph:
    case Mode::image:
      return read_text(given, name, options.subject);
    case Mode::undo:
      return read_run(given[name].as<std::string>(), options);
    case Mode::release:
      options.subject = given[name].as<std::string>();
      return {};
    case Mode::chain:
    case Mode::set:
    case Mode::clear:
    case Mode::sync:
    case Mode::verdict:
    case Mode::suggest:
      return read_values(given[name].as<Names>(), name, options);
    default:
      return {};
  }
}

Complaint check_modifiers(const Options& options) {
  const Mode mode = options.mode;
  const bool asks_one = mode == Mode::object || mode == Mode::soname || mode == Mode::library;
  const bool has_blocks = asks_one || mode == Mode::forward || mode == Mode::reverse;
  if (options.mark && !has_blocks && mode != Mode::suggest) return "-m needs one of -f, -r, -b, -s, -l, --suggest";
  const bool edits = is_editing(options);
  if (options.yes && !edits) return "-y needs -m or another mode that edits";
  if (options.pretend && !edits) return "-p needs -m or another mode that edits";
  if (options.executables && (mode == Mode::object || !has_blocks)) return "-e needs one of -f, -r, -s, -l";
  const bool lists = has_blocks || mode == Mode::history || is_auditing(options);
  if (options.verbose && !lists) return "-v needs one of -f, -r, -b, -s, -l, -a, --running, --from-log, --history";
  const bool asks = edits && !options.yes && !options.pretend;
  if (asks && options.format == Format::json) return "editing with --format=json needs -y";
  if (asks && options.quiet) return "editing with -q needs -y";
  return {};
}

Complaint check_audit(const po::variables_map& given, Options& options) {
  const bool audits = is_auditing(options);
  for (const char* const name : {"severity", "rule", "ignore-file", "output"}) {
    if (given.count(name) != 0 && !audits) return "--" + std::string(name) + " needs one of -a, --running, --from-log";
  }
  if (given.count("rule") != 0) {
    for (const std::string& id : given["rule"].as<Names>()) {
      const audit::RuleInfo* const rule = audit::find_rule(id);
      if (rule == nullptr) return "--rule=" + id + ": there is no such rule; the manual lists them";
      options.rules.push_back(rule->rule);
    }
  }
  if (options.mode == Mode::graph) {
    if (given.count("format") == 0) options.format = Format::dot;
    return options.format == Format::dot ? "" : "--graph needs --format=dot";
  }
  const bool is_common = options.format == Format::text || options.format == Format::json;
  if (!audits && !is_common)
    return "--format=" + given["format"].as<std::string>() + " needs one of -a, --running, --from-log";
  if (options.mode == Mode::running && options.load.root != "/") return "--running looks at this system: no --root";
  return {};
}

Complaint read_kernel(const po::variables_map& given, Options& options) {
  if (given.count("kernel") == 0) return {};
  const auto kernel = pax::parse_kernel(given["kernel"].as<std::string>());
  if (!kernel) return kernel.error().to_string();
  options.kernel = *kernel;
  options.kernel_text = given["kernel"].as<std::string>();
  return {};
}

Complaint check_source(const po::variables_map& given, const Options& options) {
  const bool filesystem = options.load.source == engine::Source::filesystem;
  if (!options.load.trees.empty() && !filesystem) return "--scan needs --source=filesystem";
  if (given.count("vdb") != 0 && filesystem) return "--vdb and --source=filesystem exclude each other";
  const bool database_facts = given.count("facts") != 0 && options.load.facts == engine::FactsFrom::vdb;
  if (database_facts && filesystem) return "--facts=vdb and --source=filesystem exclude each other";
  return {};
}

Complaint read_options(const po::variables_map& given, Options& options) {
  if (given.count("help") != 0) return {};
  if (given.count("version") != 0) {
    options.mode = Mode::version;
    return {};
  }
  if (given.count(stray) != 0) {
    return "'" + given[stray].as<std::vector<std::string>>().front() + "' belongs to no option";
  }
  options.verbose = given.count("verbose") != 0;
  options.executables = given.count("executables") != 0;
  options.mark = given.count("mark") != 0;
  options.yes = given.count("yes") != 0;
  options.quiet = given.count("quiet") != 0;
  options.pretend = given.count("pretend") != 0;
  options.force = given.count("force") != 0;
  options.nonroot = given.count("nonroot") != 0;
  options.wait = given.count("no-wait") == 0;
  options.withdraw = given.count("no-withdraw") == 0;
  options.load.dlopen = given.count("no-dlopen") == 0;
  if (given.count("only") != 0) options.only = given["only"].as<Names>();
  if (given.count("exclude") != 0) options.exclude = given["exclude"].as<Names>();
  if (given.count("scan") != 0) options.load.trees = given["scan"].as<std::vector<std::string>>();

  for (const Complaint& complaint :
       {read_mode(given, options), read_text(given, "root", options.load.root),
        read_text(given, "vdb", options.load.vdb), read_text(given, "log-level", options.log_level),
        read_word(given, "source", sources(), options.load.source),
        read_word(given, "facts", facts(), options.load.facts), read_word(given, "format", formats(), options.format),
        read_word(given, "color", colors(), options.color), read_word(given, "markings", markings(), options.markings),
        read_text(given, "markings", options.markings_text), read_text(given, "state", options.state),
        read_kernel(given, options), read_word(given, "severity", severities(), options.severity),
        read_text(given, "ignore-file", options.ignore_file), read_text(given, "output", options.output_file),
        check_audit(given, options)}) {
    if (!complaint.empty()) return complaint;
  }
  if (std::find(log_levels.begin(), log_levels.end(), options.log_level) == log_levels.end()) {
    return "--log-level=" + options.log_level + " is none of trace, debug, info, warn, error, off";
  }
  if (Complaint complaint = check_modifiers(options); !complaint.empty()) return complaint;
  return check_source(given, options);
}

}  // namespace

bool is_auditing(const Options& options) {
  return options.mode == Mode::audit || options.mode == Mode::running || options.mode == Mode::from_log;
}

bool is_editing(const Options& options) {
  switch (options.mode) {
    case Mode::set:
    case Mode::clear:
    case Mode::sync:
    case Mode::sync_all:
    case Mode::undo:
    case Mode::withdraw_all:
    case Mode::image:
      return true;
    default:
      return options.mark;
  }
}

Parsed parse_options(const std::vector<std::string>& arguments) {
  po::options_description all;
  all.add(mode_options()).add(report_options()).add(edit_options());
  all.add_options()(stray, po::value<std::vector<std::string>>());
  po::positional_options_description positions;
  positions.add(stray, -1);
  constexpr int style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;

  Parsed parsed;
  parsed.options.command = "revdep-pax";
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
  text << usage_text() << "\nWhich libraries an executable really loads, who really consumes a library, and which PaX "
       << "marking each carries.\n\n"
       << mode_options() << '\n'
       << report_options() << '\n'
       << edit_options() << "\nExit code: 0 no mismatch, or all done; 1 mismatches, or something failed; 2 usage or "
       << "environment.\n";
  return text.str();
}

std::string usage_text() {
  return "Usage: revdep-pax -f|-r|-b OBJECT|-s SONAME|-l LIBRARY [-mvy] [modifiers], or another mode of --help\n";
}

}  // namespace revdep::tool
