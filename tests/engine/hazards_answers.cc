#include "engine/hazards_answers.h"

#include <regex>
#include <sstream>
#include <string_view>

#include "support/command.h"

namespace revdep::fixtures {
namespace {

using elf::ExecutableStack;
using elf::Hazards;
using Strings = std::vector<std::string>;

// Lines such as "RWX R-- RW-|TEXTREL|/path": stack, RELRO and the last segment of PT_LOAD; text relocations. With `quiet`,
// only those of what is bad, with dashes for what is not, and the last segment that is bad.
void add_from_scanelf(const Strings& paths, bool quiet, std::map<std::string, Hazards>& found) {
  Strings command = {"scanelf", quiet ? "-qBF" : "-BF", "%e|%t|%F"};
  command.insert(command.end(), paths.begin(), paths.end());
  std::istringstream lines(support::run(command).out);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string headers, relocations, path;
    std::getline(fields, headers, '|');
    std::getline(fields, relocations, '|');
    std::getline(fields, path);
    Hazards& hazards = found[path];
    hazards.text_relocations |= relocations == "TEXTREL";
    if (headers.size() != std::string_view("STK REL PTL").size()) continue;
    hazards.writable_executable_segment |= headers[9] == 'W' && headers[10] == 'X';
    if (headers[2] == 'X') hazards.stack = ExecutableStack::yes;
    if (!quiet && headers.starts_with("---")) hazards.stack = ExecutableStack::unstated;
  }
}

HazardAnswers spell_all(const std::map<std::string, Hazards>& found) {
  HazardAnswers answers;
  for (const auto& [path, hazards] : found) answers[path] = spell(hazards);
  return answers;
}

}  // namespace

std::string spell(const Hazards& hazards) {
  std::string text;
  if (hazards.text_relocations) text += " textrel";
  if (hazards.writable_executable_segment) text += " wx";
  if (hazards.stack == ExecutableStack::yes) text += " stack";
  if (hazards.stack == ExecutableStack::unstated) text += " nostack";
  return text.empty() ? "-" : text.substr(1);
}

HazardAnswers ask_scanelf(const Strings& paths) {
  std::map<std::string, Hazards> found;
  add_from_scanelf(paths, false, found);
  add_from_scanelf(paths, true, found);
  return spell_all(found);
}

HazardAnswers ask_readelf(const Strings& paths) {
  Strings command = {"readelf", "-ldW", "/dev/null"};  // with a second file it prints their names
  command.insert(command.end(), paths.begin(), paths.end());
  std::istringstream lines(support::run(command).out);
  static const std::regex header(R"(^  (LOAD|GNU_STACK) +(?:0x[0-9a-f]+ +){5}([R ][W ][E ]) .*)");
  static const std::regex relocations(R"(^ 0x[0-9a-f]+ \((TEXTREL\)|FLAGS\) .*\bTEXTREL\b).*)");
  std::map<std::string, Hazards> found;
  Hazards* hazards = nullptr;
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (line.starts_with("File: ")) {
      hazards = &found[line.substr(6)];
      hazards->stack = ExecutableStack::unstated;
    } else if (hazards == nullptr) {
      continue;
    } else if (std::regex_match(line, match, header)) {
      const std::string flags = match[2];
      if (match[1] == "GNU_STACK") hazards->stack = flags[2] == 'E' ? ExecutableStack::yes : ExecutableStack::no;
      if (match[1] == "LOAD") hazards->writable_executable_segment |= flags[1] == 'W' && flags[2] == 'E';
    } else if (std::regex_match(line, relocations)) {
      hazards->text_relocations = true;
    }
  }
  return spell_all(found);
}

std::string missing_tool() {
  for (const char* const tool : {"readelf", "scanelf"}) {
    if (!support::have_program(tool)) return tool;
  }
  return {};
}

}  // namespace revdep::fixtures
