// What the parts of the facts reader hand to each other. Private to this folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "elf/facts.h"
#include "elf/raw.h"
#include "elf/window.h"

namespace revdep::elf {

/// Where the loader would find things.
struct Segments {
  std::vector<ProgramHeader> loads;  ///< PT_LOAD, in order
  std::vector<ProgramHeader> notes;  ///< PT_NOTE, in order
  std::optional<ProgramHeader> dynamic;

  /// For what most objects have.
  void reserve() {
    loads.reserve(4);
    notes.reserve(4);
  }
};

/// A stretch of the file.
struct Extent {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

/// Fills `segments` too unless it is null: the head alone allocates next to nothing.
base::Result<Head> read_head(Window& window, std::string_view name, Segments* segments);

/// Adds `problem` to facts.problems unless it stands there: a hostile object repeats itself.
void report(Facts& facts, std::string_view problem);

/// The file's bytes from `address` to the end of the PT_LOAD that maps it; the last of several wins, as when mapping.
std::optional<Extent> locate(const std::vector<ProgramHeader>& loads, std::uint64_t address);

/// Adds what the dynamic section says to `facts`. The section is read through `spare` where `window` does not hold it:
/// the names often lie in the head still.
void read_dynamic(Window& window, Window& spare, const Segments& segments, Facts& facts);

/// Adds the entries of `.note.dlopen` to `facts`.
void read_dlopen_notes(Window& window, const Segments& segments, Facts& facts);

/// One note's descriptor. False when it is not what UAPI.12 describes; `notes` then keeps the entries before the fault.
bool parse_dlopen_descriptor(std::string_view descriptor, std::vector<DlopenNote>& notes);

}  // namespace revdep::elf
