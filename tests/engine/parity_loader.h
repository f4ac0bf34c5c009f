// What the machine's own dynamic loaders say that they map for a program. Knows nothing of the code under test.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/parity_root.h"

namespace revdep::parity {

struct Answer {
  bool fails = false;              ///< the kernel or the loader gives up
  bool ordered = true;             ///< `files` are in the loader's order
  bool unknown = false;            ///< "statically linked": the loader lists nothing for a program that needs nothing
  std::vector<std::string> files;  ///< canonical inside the root, each once; without the program
  std::set<std::string> missing;   ///< names that lead nowhere
  std::string text;                ///< all that was printed, for messages
};

/// glibc's: LD_TRACE_LOADED_OBJECTS at the canonical path, no other variable. No code of the program is run.
Answer ask_glibc(const Root& root, const std::string& program);
/// musl's: `loader`, a path inside the root, called as ldd.
Answer ask_musl(const Root& root, const std::string& loader, const std::string& program);

/// Library names and the file behind each, from any text of lines "NAME => PATH (0x...)" or "PATH (0x...)".
Answer parse_answer(const Root& root, const std::string& program, std::string_view text);

/// What this machine's glibc is made of; nullopt when /bin/true is not linked with a glibc of 2.33 or later.
struct GlibcMachine {
  std::string interpreter;                      ///< PT_INTERP's text
  std::string file;                             ///< where it leads
  std::vector<std::string> system_directories;  ///< by its own word
};
std::optional<GlibcMachine> find_glibc();

/// This machine's musl, as programs name it; "" when there is none.
std::string find_musl();

/// PT_INTERP of an ELF file in the host's own byte order; "" when it has none.
std::string interpreter_of(const std::string& path);

}  // namespace revdep::parity
