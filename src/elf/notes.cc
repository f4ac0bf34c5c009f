// `.note.dlopen` (UAPI.12), found through PT_NOTE: owner "FDO", type 0x407c0c0a, a JSON array in the descriptor.
#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "elf/image.h"

namespace revdep::elf {
namespace {

constexpr std::uint32_t dlopen_note_type = 0x407c0c0a;
constexpr std::string_view dlopen_note_owner{"FDO\0", 4};

// Bytes looked at in all notes of one object: a hostile file may be sparse and claim terabytes of them.
constexpr std::uint64_t notes_limit = 1U << 20;

std::uint64_t align_up(std::uint64_t value, std::uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

std::string read_text(Window& window, std::uint64_t offset, std::size_t size) {
  std::string text;
  while (text.size() < size) {
    const std::size_t length = std::min(size - text.size(), Window::capacity);
    const auto bytes = window.view(offset + text.size(), length);
    for (const std::byte byte : bytes) text += static_cast<char>(byte);
    if (bytes.size() < length) break;
  }
  return text;
}

// A string, or nothing when it is absent; false when it is something else.
bool take_string(const nlohmann::json& entry, const char* key, std::string& text) {
  const auto found = entry.find(key);
  if (found == entry.end()) return true;
  if (!found->is_string()) return false;
  text = found->get<std::string>();
  return true;
}

bool parse_entry(const nlohmann::json& entry, DlopenNote& note) {
  if (!entry.is_object()) return false;
  const auto sonames = entry.find("soname");
  if (sonames == entry.end() || !sonames->is_array() || sonames->empty()) return false;
  for (const nlohmann::json& soname : *sonames) {
    if (!soname.is_string()) return false;
    note.sonames.push_back(soname.get<std::string>());
  }
  note.priority = "recommended";
  return take_string(entry, "feature", note.feature) && take_string(entry, "priority", note.priority);
}

struct NoteReader {
  Window& window;
  Layout layout;
  Facts& facts;
  std::uint64_t budget = notes_limit;

  void read_segment(const ProgramHeader& segment) {
    if (segment.offset > std::numeric_limits<std::uint64_t>::max() - segment.file_size) return cut();
    // The gABI aligns 64-bit notes to 8, everybody else to 4; PT_NOTE's p_align tells.
    const std::uint64_t alignment = segment.alignment == 8 ? 8 : 4;
    std::uint64_t position = 0;
    while (segment.file_size - position >= note_header_size) {
      const auto bytes = window.view(segment.offset + position, note_header_size);
      if (bytes.size() < note_header_size) return cut();
      const NoteHeader header = layout.decode_note_header(bytes);
      const std::uint64_t descriptor = align_up(note_header_size + header.name_size, alignment);
      const std::uint64_t size = descriptor + header.descriptor_size;
      if (size > segment.file_size - position) return cut();
      if (!spend(note_header_size)) return;
      if (header.type == dlopen_note_type && header.name_size == dlopen_note_owner.size() &&
          read_text(window, segment.offset + position + note_header_size, header.name_size) == dlopen_note_owner) {
        read_descriptor(segment.offset + position + descriptor, header.descriptor_size);
      }
      position += std::min(align_up(size, alignment), segment.file_size - position);
    }
  }

  void read_descriptor(std::uint64_t offset, std::uint32_t size) {
    if (!spend(size)) return;
    if (!parse_dlopen_descriptor(read_text(window, offset, size), facts.dlopen_notes)) {
      report(facts, "a .note.dlopen entry is malformed");
    }
  }

  void cut() const { report(facts, "a note lies beyond the end of its segment or of the file"); }

  bool spend(std::uint64_t bytes) {
    if (bytes > budget) {
      report(facts, "more notes than are read");
      return false;
    }
    budget -= bytes;
    return true;
  }
};

}  // namespace

bool parse_dlopen_descriptor(std::string_view descriptor, std::vector<DlopenNote>& notes) {
  descriptor = descriptor.substr(0, descriptor.find('\0'));
  const auto array = nlohmann::json::parse(descriptor, nullptr, false);
  if (!array.is_array()) return false;
  for (const nlohmann::json& entry : array) {
    DlopenNote note;
    if (!parse_entry(entry, note)) return false;
    notes.push_back(std::move(note));
  }
  return true;
}

void read_dlopen_notes(Window& window, const Segments& segments, Facts& facts) {
  NoteReader reader{window, {facts.head.abi.elf_class, facts.head.abi.order}, facts};
  for (const ProgramHeader& segment : segments.notes) reader.read_segment(segment);
}

}  // namespace revdep::elf
