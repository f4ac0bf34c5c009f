#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "config/foreign.h"
#include "config/lines.h"
#include "config/nearest.h"

namespace revdep::config {
namespace {

using nlohmann::json;

constexpr const char* meant = R"(; meant is: {"PATH": {"flags": "FLAGS", "nonroot": true}})";
constexpr std::array<std::string_view, 3> members = {"flags", "nonroot", "nodivert"};

// Counts the lines that the parser has seen, as it tells no positions.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, std::size_t* line) : at_(at), line_(line) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    if (*at_++ == '\n') ++*line_;
    return *this;
  }
  friend bool operator==(const CountingIterator& one, const CountingIterator& other) { return one.at_ == other.at_; }

 private:
  const char* at_;
  std::size_t* line_;
};

// A name in a message: as JSON spells it, without control bytes.
std::string spell_json(const std::string& name) {
  return json(name).dump(-1, ' ', false, json::error_handler_t::replace);
}

// Depth 1 is within the list, 2 within an entry. What can be neither is named once and skipped with all that it holds.
class Reader {
 public:
  Reader(ForeignList& list, const std::size_t& line) : list_(list), line_(line) {}

  bool null() { return take_value(Kind::other); }
  bool boolean(bool value) {
    flag_ = value;
    return take_value(Kind::boolean);
  }
  bool number_integer(std::int64_t /*value*/) { return take_value(Kind::other); }
  bool number_unsigned(std::uint64_t /*value*/) { return take_value(Kind::other); }
  bool number_float(double /*value*/, const std::string& /*text*/) { return take_value(Kind::other); }
  bool string(std::string& value) {
    text_ = std::move(value);
    return take_value(Kind::string);
  }
  bool binary(json::binary_t& /*value*/) { return take_value(Kind::other); }
  bool start_array(std::size_t /*size*/) {
    take_value(Kind::other);
    ++skipped_;
    return true;
  }
  bool end_array() {
    --skipped_;
    return true;
  }
  bool start_object(std::size_t /*size*/) {
    if (depth_ == 2 || skipped_ > 0) return start_array(0);
    if (++depth_ == 2) {
      has_flags_ = false;
      faulty_ = false;
      seen_ = {};
    }
    return true;
  }
  bool key(std::string& name) {
    if (skipped_ > 0) return true;
    if (depth_ == 1) {
      mark_ = {line_, std::move(name), "", false};
    } else {
      start_member(name);
    }
    return true;
  }
  bool end_object() {
    if (skipped_ > 0) return end_array();
    if (depth_-- != 2 || faulty_) return true;
    if (has_flags_) {
      list_.marks.push_back(mark_);
    } else {
      list_.faults.push_back({mark_.line, spell_json(mark_.path) + " has no flags" + meant});
    }
    return true;
  }
  bool parse_error(std::size_t /*position*/, const std::string& /*last*/, const json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 3, column 5: WHAT"
    constexpr std::size_t limit = 200;
    const std::string_view what = error.what();
    const std::size_t start = what.find(": ");
    std::string reason(what.substr(start == std::string_view::npos ? 0 : start + 2, limit));
    list_.faults.push_back({line_, "no JSON, and nothing is read from here on: " + reason +
                                       "; is a comma, quote or brace missing, or one too many?"});
    return false;
  }

 private:
  enum class Kind : unsigned char { string, boolean, other };

  void start_member(const std::string& name) {
    member_ = static_cast<std::size_t>(std::ranges::find(members, name) - members.begin());
    if (member_ == members.size()) {
      list_.faults.push_back({line_, "unknown member " + spell_json(name) + suggest_name(name, members, "known are")});
    } else if (std::exchange(seen_[member_], true)) {
      list_.faults.push_back(
          {line_, spell_json(name) + " stands twice in one entry; the last one holds, as with paxrat"});
    }
  }

  bool take_value(Kind kind) {
    if (skipped_ > 0) return true;
    if (depth_ < 2) {
      const std::string subject = depth_ == 0 ? "the file" : "the value of " + spell_json(mark_.path);
      list_.faults.push_back({line_, subject + " is no object" + meant});
    } else if (member_ < members.size()) {
      take_member(kind);
    }
    return true;
  }

  void take_member(Kind kind) {
    const bool is_flags = member_ == 0;
    if (kind != (is_flags ? Kind::string : Kind::boolean)) {
      faulty_ = true;
      list_.faults.push_back({line_, spell_json(std::string(members[member_])) + " is no " +
                                         (is_flags ? "string" : "true or false") + meant});
    } else if (is_flags) {
      has_flags_ = true;
      mark_.flags = std::move(text_);
    } else if (members[member_] == "nonroot") {
      mark_.nonroot = flag_;
    }
  }

  ForeignList& list_;
  const std::size_t& line_;
  std::size_t depth_ = 0;
  std::size_t skipped_ = 0;  // brackets that are open in what is skipped
  ForeignMark mark_;
  std::size_t member_ = 0;  // of the entry, whose value comes next
  std::array<bool, members.size()> seen_ = {};
  bool has_flags_ = false;
  bool faulty_ = false;  // and said
  std::string text_;     // the value
  bool flag_ = false;    // the value
};

// Comment lines become empty ones, so that the lines keep their numbers.
std::string without_comments(std::string_view text) {
  std::string json_text;
  json_text.reserve(text.size());
  for_each_line(text, [&json_text](std::string_view line, std::size_t) {
    const std::size_t first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos || line[first] != '#') json_text += line;
    json_text += '\n';
  });
  return json_text;
}

}  // namespace

ForeignList parse_paxrat(std::string_view text) {
  ForeignList list;
  const std::string json_text = without_comments(text);
  std::size_t line = 1;
  Reader reader(list, line);
  json::sax_parse(CountingIterator(json_text.data(), &line),
                  CountingIterator(json_text.data() + json_text.size(), &line), &reader);
  return list;
}

}  // namespace revdep::config
