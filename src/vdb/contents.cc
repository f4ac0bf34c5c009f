#include "vdb/contents.h"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "vdb/lines.h"

namespace revdep::vdb {
namespace {

using Parsed = std::optional<ContentsEntry>;

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Splits off what stands behind the last blank.
std::optional<std::string_view> take_last_word(std::string_view& text) {
  const std::size_t blank = text.rfind(' ');
  if (blank == std::string_view::npos || blank + 1 == text.size()) return std::nullopt;
  const std::string_view word = text.substr(blank + 1);
  text = text.substr(0, blank);
  return word;
}

// Python's repr of a whole stat result, as the oldest databases have it in place of the mtime, which is its ninth:
// "(41471, 1L, 2L, 1, 0, 0, 3L, 10, 1297000000, 12)".
std::optional<std::int64_t> take_stat_tuple(std::string_view& text) {
  constexpr std::size_t fields = 10;
  constexpr std::size_t mtime_field = 8;
  const std::size_t start = text.rfind(" (");
  if (start == std::string_view::npos) return std::nullopt;
  std::string_view tuple = text.substr(start + 2);
  if (!tuple.ends_with(')')) return std::nullopt;
  tuple.remove_suffix(1);
  std::optional<std::int64_t> mtime;
  for (std::size_t field = 0; field < fields; ++field) {
    const std::size_t comma = tuple.find(", ");
    if ((comma == std::string_view::npos) != (field + 1 == fields)) return std::nullopt;
    std::string_view digits = tuple.substr(0, comma);
    if (digits.ends_with('L')) digits.remove_suffix(1);
    const std::optional<std::int64_t> number = parse_number(digits);
    if (!number) return std::nullopt;
    if (field == mtime_field) mtime = number;
    if (comma != std::string_view::npos) tuple.remove_prefix(comma + 2);
  }
  text = text.substr(0, start);
  return mtime;
}

Parsed parse_plain(EntryType type, std::string_view rest) {
  ContentsEntry entry;
  entry.type = type;
  entry.path = rest;
  return entry;
}

Parsed parse_object(EntryType type, std::string_view rest) {
  const std::optional<std::string_view> mtime_text = take_last_word(rest);
  const std::optional<std::string_view> md5 = mtime_text ? take_last_word(rest) : std::nullopt;
  const std::optional<std::int64_t> mtime = md5 ? parse_number(*mtime_text) : std::nullopt;
  if (!mtime) return std::nullopt;
  ContentsEntry entry;
  entry.type = type;
  entry.path = rest;
  entry.md5 = *md5;
  entry.mtime = *mtime;
  return entry;
}

Parsed parse_symlink(EntryType type, std::string_view rest) {
  constexpr std::string_view arrow = " -> ";
  std::optional<std::int64_t> mtime;
  if (rest.ends_with(')')) {
    mtime = take_stat_tuple(rest);
  } else if (const std::optional<std::string_view> word = take_last_word(rest)) {
    mtime = parse_number(*word);
  }
  if (!mtime || rest.size() <= arrow.size()) return std::nullopt;
  // The last arrow that has a target behind it: a target may itself end in one.
  const std::size_t split = rest.rfind(arrow, rest.size() - arrow.size() - 1);
  if (split == std::string_view::npos) return std::nullopt;
  ContentsEntry entry;
  entry.type = type;
  entry.path = rest.substr(0, split);
  entry.target = rest.substr(split + arrow.size());
  entry.mtime = *mtime;
  return entry;
}

struct Keyword {
  std::string_view text;
  EntryType type;
  Parsed (*parse)(EntryType type, std::string_view rest);
};

constexpr std::array<Keyword, 5> keywords{{
    {"obj ", EntryType::object, parse_object},
    {"sym ", EntryType::symlink, parse_symlink},
    {"dir ", EntryType::directory, parse_plain},
    {"fif ", EntryType::fifo, parse_plain},
    {"dev ", EntryType::device, parse_plain},
}};

const Keyword* find_keyword(std::string_view line) {
  for (const Keyword& keyword : keywords) {
    if (line.starts_with(keyword.text)) return &keyword;
  }
  return nullptr;
}

}  // namespace

Contents parse_contents(std::string_view text) {
  Contents contents;
  for_each_line(text, [&](const Line& line) {
    const auto refuse = [&](std::string reason) { contents.problems.push_back({line.number, std::move(reason)}); };
    const Keyword* const keyword = find_keyword(line.text);
    if (keyword == nullptr) return refuse("begins with none of obj, sym, dir, fif, dev");
    if (line.text.find('\0') != std::string_view::npos) return refuse("NUL byte in the entry");
    const Parsed entry = keyword->parse(keyword->type, line.text.substr(keyword->text.size()));
    if (!entry) return refuse("not a whole '" + std::string(keyword->text.substr(0, 3)) + "' entry");
    if (!entry->path.starts_with('/')) return refuse("path is not absolute");
    contents.entries.push_back(*entry);
  });
  return contents;
}

}  // namespace revdep::vdb
