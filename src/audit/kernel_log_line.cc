#include "audit/kernel_log_line.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <utility>

namespace revdep::audit {
namespace {

using Kind = LogLine::Kind;

template <class Number>
std::optional<Number> parse_number(std::string_view text, int base) {
  Number number{};
  const auto [rest, status] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (status != std::errc() || rest != text.data() + text.size()) return std::nullopt;
  return number;
}

bool skip(std::string_view& text, std::string_view start) {
  if (!text.starts_with(start)) return false;
  text.remove_prefix(start.size());
  return true;
}

std::string_view without_blanks_behind(std::string_view text) {
  return text.substr(0, text.find_last_not_of(" \t\r") + 1);
}

// Whether a message that stands behind this is the kernel's: nothing, "<1>", "[  12.345678]", "Feb 10 23:34:40 host
// kernel:", metalog's "Feb 10 23:34:40 [kernel]", dmesg -x's "kern  :alert :", or several of them.
bool is_kernels(std::string_view prefix) {
  constexpr std::size_t facility_and_level = 14;
  if (prefix.starts_with("kern  :") && prefix.size() >= facility_and_level) prefix.remove_prefix(facility_and_level);
  // Who speaks stands before the first colon that is no clock's.
  if (const std::size_t colon = prefix.find(": "); colon != std::string_view::npos) {
    const std::string_view speaker = prefix.substr(0, colon);
    if (speaker != "kernel" && !speaker.ends_with(" kernel")) return false;
    prefix.remove_prefix(colon + 1);
  }
  prefix = without_blanks_behind(prefix);
  return prefix.empty() || prefix.ends_with(']') || prefix.ends_with('>');
}

// From "PAX: " or "grsec: " on; "": neither, or someone else's words.
std::string_view message_of(std::string_view line) {
  const std::size_t at = std::min(line.find("PAX: "), line.find("grsec: "));
  if (at == std::string_view::npos || !is_kernels(line.substr(0, at))) return {};
  return without_blanks_behind(line.substr(at));
}

void skip_address(std::string_view& text) {
  const std::size_t end = text.find(": ");
  if (text.starts_with("From ") && end != std::string_view::npos) text.remove_prefix(end + 2);
}

void skip_role(std::string_view& text) {
  const std::size_t end = text.find(") denied ");
  if (text.starts_with('(') && end != std::string_view::npos) text.remove_prefix(end + 2);
}

// PaX writes tabs, newlines and backslashes as \ooo.
std::string unescape(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    constexpr std::array<std::pair<std::string_view, char>, 3> escapes = {
        {{"\\011", '\t'}, {"\\012", '\n'}, {"\\134", '\\'}}};
    const auto* const found = std::find_if(escapes.begin(), escapes.end(),
                                           [&](const auto& pair) { return text.substr(at, 4) == pair.first; });
    plain += found == escapes.end() ? text[at] : found->second;
    if (found != escapes.end()) at += found->first.size() - 1;
  }
  return plain;
}

// Where COMM begins in "PATH(COMM" or "PATH[COMM", either of which may hold brackets of its own: COMM has at most 15
// bytes, and is the start of the file's name unless the program has named itself otherwise.
std::size_t find_comm(std::string_view text, char bracket) {
  constexpr std::size_t longest = 15;
  std::size_t first = std::string_view::npos;
  std::size_t at = text.find(bracket, text.size() > longest ? text.size() - longest - 1 : 0);
  for (; at != std::string_view::npos; at = text.find(bracket, at + 1)) {
    const std::string_view path = text.substr(0, at);
    const std::string_view comm = text.substr(at + 1);
    if (!comm.empty() && path.substr(path.rfind('/') + 1).starts_with(comm)) return at;
    first = std::min(first, at);
  }
  return first;
}

// "PATH(COMM):PID" or "PATH[COMM:PID".
bool parse_program(std::string_view text, char bracket, LogLine& line) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  const auto pid = parse_number<std::uint32_t>(text.substr(colon + 1), 10);
  text = text.substr(0, colon);
  if (!pid || (bracket == '(' && !text.ends_with(')'))) return false;
  if (bracket == '(') text.remove_suffix(1);
  const std::size_t comm = find_comm(text, bracket);
  if (comm == std::string_view::npos || comm < 2 || !text.starts_with('/')) return false;
  line.executable = text.substr(0, comm);
  line.pid = *pid;
  return true;
}

LogLine of_kind(Kind kind) {
  LogLine line;
  line.kind = kind;
  return line;
}

LogLine parse_denial(Kind kind, std::string_view text) {
  constexpr std::string_view by = " by ";
  text = text.substr(0, text.rfind(", parent "));
  const std::size_t end = text.rfind("] uid/euid:");
  if (end == std::string_view::npos) return of_kind(Kind::broken);
  text = text.substr(0, end);
  const std::size_t at = text.rfind(" by /");
  LogLine line = of_kind(kind);
  if (at == std::string_view::npos || !parse_program(text.substr(at + by.size()), '[', line)) {
    return of_kind(Kind::broken);
  }
  line.what = text.substr(0, at);
  return line;
}

LogLine parse_attempt(std::string_view text) {
  const std::size_t comma = text.rfind(", ");
  const std::size_t dash = text.rfind('-');
  if (comma == std::string_view::npos || dash == std::string_view::npos || dash < comma) return of_kind(Kind::broken);
  const std::string_view behind = text.substr(dash + 1);
  const auto start = parse_number<std::uint64_t>(text.substr(comma + 2, dash - comma - 2), 16);
  const auto end = parse_number<std::uint64_t>(behind.substr(0, behind.find(' ')), 16);
  if (!start || !end) return of_kind(Kind::broken);
  LogLine line = of_kind(Kind::attempt);
  line.what = unescape(text.substr(0, comma));
  if (line.what == "(null)") line.what = "<NULL>";
  line.start = *start;
  line.end = *end;
  return line;
}

// The number behind `key`.
std::optional<std::uint64_t> find_address(std::string_view text, std::string_view key) {
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + key.size());
  return parse_number<std::uint64_t>(text.substr(0, text.find(',')), 16);
}

LogLine parse_killed(std::string_view text) {
  const std::size_t end = text.rfind(", uid/euid: ");
  LogLine line = of_kind(Kind::killed);
  if (end == std::string_view::npos || !parse_program(text.substr(0, end), '(', line)) return of_kind(Kind::broken);
  line.executable = unescape(line.executable);
  // As the kernel calls a file that has lost its name since; "/ (deleted)" is a name.
  constexpr std::string_view deleted = " (deleted)";
  const bool is_deleted = line.executable.ends_with(deleted) && line.executable.size() > deleted.size() + 1;
  if (is_deleted) line.executable.resize(line.executable.size() - deleted.size());
  line.pc = find_address(text.substr(end), ", PC: ");
  line.sp = find_address(text.substr(end), ", SP: ");
  return line;
}

}  // namespace

LogLine parse_log_line(std::string_view line) {
  std::string_view text = message_of(line);
  if (skip(text, "PAX: ")) {
    skip_address(text);
    if (skip(text, "execution attempt in: ")) return parse_attempt(text);
    if (skip(text, "terminating task: ")) return parse_killed(text);
    return {};
  }
  if (!skip(text, "grsec: ")) return {};
  skip_address(text);
  skip_role(text);
  if (skip(text, "denied RWX mmap of ")) return parse_denial(Kind::mmap, text);
  if (skip(text, "denied RWX mprotect of ")) return parse_denial(Kind::mprotect, text);
  if (skip(text, "denied marking stack executable as requested by PT_GNU_STACK marking in ")) {
    return parse_denial(Kind::stack_marking, text);
  }
  return {};
}

}  // namespace revdep::audit
