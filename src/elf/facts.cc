#include "elf/facts.h"

#include <elf.h>

#include <algorithm>

#include "elf/image.h"

namespace revdep::elf {

void report(Facts& facts, std::string_view problem) {
  if (std::ranges::find(facts.problems, problem) == facts.problems.end()) facts.problems.emplace_back(problem);
}

bool is_executable(const Facts& facts) {
  return facts.head.interpreter.has_value() || facts.head.type == ET_EXEC || facts.pie;
}

Hazards hazards_of(const Facts& facts) {
  return {facts.text_relocations, facts.head.writable_executable_segment, facts.head.stack};
}

base::Result<Facts> parse_facts(const ByteSource& source, std::string_view name, Depth depth) {
  // Header, program headers and notes of nearly all objects fit into the first KiB; the names lie behind them.
  constexpr std::size_t without_names = 1024;
  Window window(source, depth == Depth::notes ? without_names : Window::capacity);
  Window spare(source);
  Segments segments;
  base::Result<Head> head = read_head(window, name, &segments);
  if (!head) return head.error();
  Facts facts;
  facts.head = std::move(*head);
  // What is loaded has names; a core file's notes would only cost time.
  if (facts.head.type == ET_EXEC || facts.head.type == ET_DYN) {
    read_dlopen_notes(window, segments, facts);
    if (depth == Depth::all) read_dynamic(window, spare, segments, facts);
  }
  if (const int error = window.error() != 0 ? window.error() : spare.error(); error != 0) {
    return base::system_error("read", name, error);
  }
  return facts;
}

}  // namespace revdep::elf
