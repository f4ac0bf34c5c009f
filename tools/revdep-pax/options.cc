#include "revdep-pax/options.h"

#include <algorithm>
#include <array>
#include <boost/program_options.hpp>
#include <sstream>
#include <string_view>
#include <utility>

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
  static const Words<Format> words = {{"text", Format::text}, {"json", Format::json}};
  return words;
}

const Words<Color>& colors() {
  static const Words<Color> words = {{"auto", Color::automatic}, {"always", Color::always}, {"never", Color::never}};
  return words;
}

constexpr std::array<std::string_view, 6> log_levels = {"trace", "debug", "info", "warn", "error", "off"};

po::options_description modes() {
  po::options_description group("Modes, one of");
  auto add = group.add_options();
  add("forward,f", "every object and the libraries it loads");
  add("reverse,r", "every library and its consumers");
  add("object,b", po::value<std::string>()->value_name("OBJECT"), "one object and the libraries it loads");
  add("soname,s", po::value<std::string>()->value_name("SONAME"), "the libraries of that soname and their consumers");
  add("library,l", po::value<std::string>()->value_name("LIBRARY"), "one library file and its consumers");
  add("tree", po::value<std::string>()->value_name("OBJECT"), "where each needed soname leads, and why");
  add("chain", po::value<std::vector<std::string>>()->multitoken()->value_name("EXECUTABLE LIBRARY"),
      "the shortest way from one to the other");
  add("export", "the whole graph as JSON");
  add("help,h", "this text");
  add("version", "the version");
  return group;
}

po::options_description modifiers() {
  po::options_description group("Modifiers");
  auto add = group.add_options();
  add("verbose,v", "all lines, not only those that differ");
  add("executables,e", "only what lies in a directory of $PATH");
  add("mark,m", "with -b, -s, -l: carry the flags, asking for each file");
  add("yes,y", "with -m: don't ask");
  add("quiet,q", "no report, only the exit code");
  add("root", po::value<std::string>()->value_name("DIR"), "the system below DIR; default /");
  add("vdb", po::value<std::string>()->value_name("DIR"), "the package database; default var/db/pkg below the root");
  add("source", po::value<std::string>()->value_name("auto|vdb|filesystem"), "where the objects are listed");
  add("scan", po::value<std::vector<std::string>>()->value_name("DIR"),
      "with --source=filesystem: DIR and all below it as well; can be repeated");
  add("facts", po::value<std::string>()->value_name("vdb|elf"), "whose word counts; default vdb");
  add("format", po::value<std::string>()->value_name("text|json"), "default text");
  add("color", po::value<std::string>()->value_name("auto|always|never"), "default auto");
  add("log-level", po::value<std::string>()->value_name("LEVEL"), "trace, debug, info, warn, error or off");
  return group;
}

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

Complaint read_mode(const po::variables_map& given, Options& options) {
  constexpr std::array<std::pair<const char*, Mode>, 8> modes = {{{"forward", Mode::forward},
                                                                  {"reverse", Mode::reverse},
                                                                  {"object", Mode::object},
                                                                  {"soname", Mode::soname},
                                                                  {"library", Mode::library},
                                                                  {"tree", Mode::tree},
                                                                  {"chain", Mode::chain},
                                                                  {"export", Mode::export_graph}}};
  std::string names;
  for (const auto& [name, mode] : modes) {
    if (given.count(name) == 0) continue;
    names += (names.empty() ? "--" : ", --") + std::string(name);
    options.mode = mode;
  }
  if (names.empty()) return "no mode is given";
  if (names.find(',') != std::string::npos) return "only one of " + names + " can be given";
  if (options.mode == Mode::forward || options.mode == Mode::reverse || options.mode == Mode::export_graph) return {};
  if (options.mode != Mode::chain) return read_text(given, names.substr(2), options.subject);
  const auto& ends = given["chain"].as<std::vector<std::string>>();
  if (ends.size() != 2 || ends[0].empty() || ends[1].empty()) {
    return "--chain needs exactly two values, EXECUTABLE and LIBRARY";
  }
  options.subject = ends[0];
  options.library = ends[1];
  return {};
}

Complaint check_modifiers(const Options& options) {
  const Mode mode = options.mode;
  const bool asks_one = mode == Mode::object || mode == Mode::soname || mode == Mode::library;
  const bool has_blocks = asks_one || mode == Mode::forward || mode == Mode::reverse;
  if (options.mark && !asks_one) return "-m needs one of -b, -s, -l";
  if (options.yes && !options.mark) return "-y needs -m";
  if (options.executables && (mode == Mode::object || !has_blocks)) return "-e needs one of -f, -r, -s, -l";
  if (options.verbose && !has_blocks) return "-v needs one of -f, -r, -b, -s, -l";
  if (options.mark && !options.yes && options.format == Format::json) return "-m with --format=json needs -y";
  if (options.mark && !options.yes && options.quiet) return "-m with -q needs -y";
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
  if (given.count("scan") != 0) options.load.trees = given["scan"].as<std::vector<std::string>>();

  for (const Complaint& complaint :
       {read_mode(given, options), read_text(given, "root", options.load.root),
        read_text(given, "vdb", options.load.vdb), read_text(given, "log-level", options.log_level),
        read_word(given, "source", sources(), options.load.source),
        read_word(given, "facts", facts(), options.load.facts), read_word(given, "format", formats(), options.format),
        read_word(given, "color", colors(), options.color)}) {
    if (!complaint.empty()) return complaint;
  }
  if (std::find(log_levels.begin(), log_levels.end(), options.log_level) == log_levels.end()) {
    return "--log-level=" + options.log_level + " is none of trace, debug, info, warn, error, off";
  }
  if (Complaint complaint = check_modifiers(options); !complaint.empty()) return complaint;
  return check_source(given, options);
}

}  // namespace

Parsed parse_options(const std::vector<std::string>& arguments) {
  po::options_description all;
  all.add(modes()).add(modifiers());
  all.add_options()(stray, po::value<std::vector<std::string>>());
  po::positional_options_description positions;
  positions.add(stray, -1);
  constexpr int style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;

  Parsed parsed;
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
       << modes() << '\n'
       << modifiers() << "\nExit code: 0 no mismatch, or all done; 1 mismatches, or something failed; 2 usage or "
       << "environment.\n";
  return text.str();
}

std::string usage_text() {
  return "Usage: revdep-pax -f|-r|-b OBJECT|-s SONAME|-l LIBRARY|--tree OBJECT|--chain EXECUTABLE LIBRARY|--export "
         "[modifiers]\n";
}

}  // namespace revdep::tool
