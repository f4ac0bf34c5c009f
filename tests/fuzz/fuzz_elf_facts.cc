// Any bytes as an ELF object: an error with a reason, or facts; the head read alone says the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "elf/facts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace revdep;
  const elf::MemorySource source(std::as_bytes(std::span(data, size)));
  const base::Result<elf::Head> head = elf::parse_head(source, "input");
  const base::Result<elf::Facts> facts = elf::parse_facts(source, "input");
  if (head.ok() != facts.ok()) std::abort();
  if (!head.ok()) {
    if (head.error().reason.empty() || head.error() != facts.error()) std::abort();
    return 0;
  }
  if (head->pax != facts->head.pax || head->interpreter != facts->head.interpreter) std::abort();
  if (head->pax && (size < 4 || head->pax->flags_offset > size - 4)) std::abort();
  return 0;
}
