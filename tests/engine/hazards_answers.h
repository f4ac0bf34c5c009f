// What scanelf and readelf say of text relocations, writable and executable segments, and the stack, in words that can be
// compared with what we found. Judges nothing.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "elf/facts.h"

namespace revdep::fixtures {

/// "textrel wx stack", "nostack" where there is no PT_GNU_STACK; "-": nothing is wrong.
std::string spell(const elf::Hazards& hazards);

/// By path, spelled. A file that the program does not take for an ELF object is missing.
using HazardAnswers = std::map<std::string, std::string>;
HazardAnswers ask_scanelf(const std::vector<std::string>& paths);
HazardAnswers ask_readelf(const std::vector<std::string>& paths);

/// The program of the two that is missing here; "": none.
std::string missing_tool();

}  // namespace revdep::fixtures
