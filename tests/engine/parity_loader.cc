#include "engine/parity_loader.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace revdep::parity {
namespace {

// "PATH (0x00007f...)" less its address; nullopt when there is none.
std::optional<std::string_view> before_address(std::string_view text) {
  const std::size_t at = text.rfind(" (0x");
  if (at == std::string_view::npos || !text.ends_with(')')) return std::nullopt;
  return text.substr(0, at);
}

template <class Header, class Segment>
std::string find_interpreter(std::string_view bytes) {
  Header header;
  if (bytes.size() < sizeof header) return "";
  std::memcpy(&header, bytes.data(), sizeof header);
  for (std::size_t index = 0; index < header.e_phnum; ++index) {
    Segment segment;
    const std::size_t at = header.e_phoff + index * sizeof segment;
    if (at + sizeof segment > bytes.size()) return "";
    std::memcpy(&segment, bytes.data() + at, sizeof segment);
    if (segment.p_type != PT_INTERP || segment.p_offset + segment.p_filesz > bytes.size()) continue;
    const std::string_view text = bytes.substr(segment.p_offset, segment.p_filesz);
    return std::string(text.substr(0, text.find('\0')));
  }
  return "";
}

}  // namespace

Answer parse_answer(const Root& root, const std::string& program, std::string_view text) {
  Answer answer;
  answer.text = text;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (!line.starts_with('\t')) continue;
    line.remove_prefix(1);
    if (line == "statically linked") answer.unknown = true;
    const std::size_t arrow = line.find(" => ");
    const std::string_view name = line.substr(0, arrow);
    if (arrow != std::string_view::npos && line.substr(arrow + 4) == "not found") answer.missing.emplace(name);
    const auto path = before_address(arrow == std::string_view::npos ? line : line.substr(arrow + 4));
    if (!path || path->starts_with("linux-vdso.") || path->starts_with("linux-gate.")) continue;
    std::string file = root.canonical(std::string(*path)).value_or(std::string(*path));
    if (file == program || std::find(answer.files.begin(), answer.files.end(), file) != answer.files.end()) continue;
    answer.files.push_back(std::move(file));
  }
  return answer;
}

Answer ask_glibc(const Root& root, const std::string& program) {
  const support::Outcome outcome = root.run(program, {{}, {{"LD_TRACE_LOADED_OBJECTS", "1"}}});
  Answer answer = parse_answer(root, program, outcome.out);
  answer.fails = outcome.status != 0;
  // The kernel maps the interpreter, which the loader lists only when something needs it.
  if (const auto interpreter = root.canonical(interpreter_of(root.path() + program))) {
    const bool listed = std::find(answer.files.begin(), answer.files.end(), *interpreter) != answer.files.end();
    if (!listed) answer.files.push_back(*interpreter);
  }
  answer.text += outcome.err + "\nstatus " + std::to_string(outcome.status) + '\n';
  return answer;
}

Answer ask_musl(const Root& root, const std::string& loader, const std::string& program) {
  const support::Outcome outcome = root.run(loader, {{"ldd", program}, {}});
  Answer answer = parse_answer(root, program, outcome.out);
  answer.text += outcome.err + "\nstatus " + std::to_string(outcome.status) + '\n';
  answer.fails = outcome.status == not_started;
  answer.ordered = false;  // itself first of all
  constexpr std::string_view complaint = "Error loading shared library ";
  std::string_view rest = outcome.err;
  for (std::size_t at = rest.find(complaint); at != std::string_view::npos; at = rest.find(complaint)) {
    rest.remove_prefix(at + complaint.size());
    const std::string_view line = rest.substr(0, rest.find('\n'));
    answer.missing.emplace(line.substr(0, line.find(": ")));
    // The file is there and cannot be mapped. Without one the program does not start either, but that is `missing`.
    for (const std::string_view reason : {": Exec format error", ": Is a directory"}) {
      answer.fails = answer.fails || line.find(reason) != std::string_view::npos;
    }
  }
  return answer;
}

std::string find_musl() {
  for (const auto& entry : std::filesystem::directory_iterator("/lib")) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("ld-musl-") && name.ends_with(".so.1")) return entry.path().string();
  }
  return "";
}

std::string interpreter_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string head(8192, '\0');
  file.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(file.gcount()));
  if (!head.starts_with("\177ELF") || head.size() < EI_NIDENT) return "";
  return head[EI_CLASS] == ELFCLASS64 ? find_interpreter<Elf64_Ehdr, Elf64_Phdr>(head)
                                      : find_interpreter<Elf32_Ehdr, Elf32_Phdr>(head);
}

std::optional<GlibcMachine> find_glibc() {
  const Root machine("/");
  GlibcMachine found;
  found.interpreter = interpreter_of("/bin/true");
  if (found.interpreter.empty()) return std::nullopt;
  const auto file = machine.canonical(found.interpreter);
  if (!file) return std::nullopt;
  found.file = *file;
  const std::string help = machine.run(found.interpreter, {{found.interpreter, "--help"}, {}}).out;
  constexpr std::string_view mark = " (system search path)";
  for (std::size_t at = help.find(mark); at != std::string::npos; at = help.find(mark, at + 1)) {
    const std::size_t start = help.rfind("  ", at) + 2;
    found.system_directories.push_back(help.substr(start, at - start));
  }
  if (found.system_directories.empty()) return std::nullopt;
  return found;
}

}  // namespace revdep::parity
