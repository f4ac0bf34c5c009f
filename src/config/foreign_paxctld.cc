#include <algorithm>
#include <utility>

#include "config/flags.h"
#include "config/foreign.h"
#include "config/lines.h"

namespace revdep::config {
namespace {

constexpr std::string_view blanks = " \t\r";
constexpr const char* meant = "; meant is: PATH FLAGS [nonroot]";

void skip_blanks(std::string_view& line) { line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size())); }

bool at_end(std::string_view line) { return line.empty() || line.front() == '#'; }

std::string take_word(std::string_view& line) {
  std::string word(line.substr(0, line.find_first_of(blanks)));
  line.remove_prefix(word.size());
  skip_blanks(line);
  return word;
}

// "": nothing is wrong.
std::string take_path(std::string_view& line, std::string& path) {
  if (!line.starts_with('"')) {
    path = take_word(line);
    return "";
  }
  const std::size_t end = line.find('"', 1);
  if (end == std::string_view::npos) return "the closing quote is missing";
  path = line.substr(1, end - 1);
  line.remove_prefix(end + 1);
  if (!line.empty() && blanks.find(line.front()) == std::string_view::npos) {
    return "a blank is missing after the quoted path \"" + path + '"';
  }
  skip_blanks(line);
  return "";
}

std::string parse_line(std::string_view line, ForeignMark& mark) {
  if (std::string fault = take_path(line, mark.path); !fault.empty()) return fault;
  if (at_end(line)) return std::string("the flags are missing") + meant;
  mark.flags = take_word(line);
  if (!mark.path.starts_with('/') && mark.flags.starts_with('/') && parse_flags(mark.path).fault.empty()) {
    return "the path comes before the flags: " + mark.flags + ' ' + mark.path;
  }
  if (at_end(line)) return "";
  const std::string third = take_word(line);
  mark.nonroot = third == "nonroot";
  if (mark.nonroot && at_end(line)) return "";
  if (!parse_flags(mark.flags).fault.empty()) {
    return std::string("more than one name before the flags; a path with blanks is put in double quotes") + meant;
  }
  if (mark.nonroot) return "something stands after 'nonroot'" + std::string(meant);
  return '\'' + third + "' stands where only 'nonroot' can" + meant;
}

}  // namespace

ForeignList parse_paxctld(std::string_view text) {
  ForeignList list;
  for_each_line(text, [&list](std::string_view line, std::size_t number) {
    skip_blanks(line);
    if (at_end(line)) return;
    ForeignMark mark{number, "", "", false};
    if (std::string fault = parse_line(line, mark); !fault.empty()) {
      list.faults.push_back({number, std::move(fault)});
    } else {
      list.marks.push_back(std::move(mark));
    }
  });
  return list;
}

}  // namespace revdep::config
