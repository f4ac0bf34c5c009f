#include "vdb/needed.h"

#include <algorithm>
#include <array>

#include "vdb/lines.h"

namespace revdep::vdb {
namespace {

constexpr std::size_t least_fields = 5;
constexpr std::size_t category_field = 5;
// A guess, in bytes: what the lines take is in proportion to the text whatever is in it.
constexpr std::size_t usual_line = 64;

bool contains_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

bool is_absolute_path(std::string_view text) { return text.starts_with('/') && !contains_nul(text); }

// MACHINE_ABI as Portage composes it: x86_64, mips_n32, riscv_lp64d.
bool looks_like_category(std::string_view text) {
  return text.find('_') != std::string_view::npos && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

std::string_view without_none(std::string_view rpath) {
  return rpath == "  -  " || rpath == " - " ? std::string_view() : rpath;
}

// The first six fields; more are only counted.
struct Fields {
  std::array<std::string_view, category_field + 1> text;
  std::size_t count = 0;
};

Fields split_fields(std::string_view line) {
  Fields fields;
  while (true) {
    const std::size_t end = line.find(';');
    if (fields.count < fields.text.size()) fields.text[fields.count] = line.substr(0, end);
    ++fields.count;
    if (end == std::string_view::npos) return fields;
    line.remove_prefix(end + 1);
  }
}

// A ';' in the soname or the rpath moves the needed entries, or nothing at all, to where the category belongs.
bool may_be_shifted(const Fields& fields) {
  if (fields.count <= category_field) return false;
  const std::string_view category = fields.text[category_field];
  if (category.empty()) return fields.count > category_field + 1;
  return !looks_like_category(category);
}

}  // namespace

NeededFile parse_needed_elf2(std::string_view text) {
  NeededFile file;
  file.lines.reserve(text.size() / usual_line + 1);
  // No field holds a NUL by right, they come from C strings: a crash left it there.
  const bool damaged = contains_nul(text);
  for_each_line(text, [&](const Line& line) {
    const Fields fields = split_fields(line.text);
    if (fields.count < least_fields) {
      file.problems.push_back({line.number, "fewer than 5 fields"});
      return;
    }
    const std::string_view path = fields.text[1];
    if (!is_absolute_path(path)) {
      file.problems.push_back({line.number, contains_nul(path) ? "NUL byte in the path" : "path is not absolute"});
      return;
    }
    NeededLine& added = file.lines.emplace_back();
    added.arch = fields.text[0];
    added.path = path;
    added.soname = fields.text[2];
    added.rpath = without_none(fields.text[3]);
    added.needed = fields.text[4];
    added.category = fields.text[category_field];
    added.line = line.number;
    added.suspicious = !line.complete || may_be_shifted(fields) || (damaged && contains_nul(line.text));
  });
  return file;
}

NeededFile parse_needed(std::string_view text) {
  NeededFile file;
  for_each_line(text, [&](const Line& line) {
    const std::size_t blank = line.text.rfind(' ');
    if (blank == std::string_view::npos) {
      file.problems.push_back({line.number, "no blank behind the path"});
      return;
    }
    const std::string_view path = line.text.substr(0, blank);
    if (!is_absolute_path(path)) {
      file.problems.push_back({line.number, contains_nul(path) ? "NUL byte in the path" : "path is not absolute"});
      return;
    }
    NeededLine& added = file.lines.emplace_back();
    added.path = path;
    added.needed = line.text.substr(blank + 1);
    added.line = line.number;
    added.suspicious = !line.complete || contains_nul(added.needed);
  });
  return file;
}

}  // namespace revdep::vdb
