#include <algorithm>
#include <utility>

#include "config/flags.h"
#include "config/foreign.h"
#include "config/lines.h"

namespace revdep::config {
namespace {

constexpr std::string_view blanks = " \t";
constexpr const char* meant = "; meant is: FLAGS PATH";

// "": nothing is wrong.
std::string parse_line(std::string_view line, ForeignMark& mark) {
  if (line.ends_with('\r')) return "it ends in a carriage return, which would belong to the path";
  if (line.front() == '#') return "a comment begins in the first column";
  mark.flags = line.substr(0, line.find_first_of(blanks));
  line.remove_prefix(mark.flags.size());
  line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
  mark.path = line;
  if (mark.flags.starts_with('/')) {
    const bool swapped = parse_flags(mark.path).fault.empty();
    return "the flags come before the path" + (swapped ? ": " + mark.path + ' ' + mark.flags : meant);
  }
  if (mark.path.empty()) return std::string("the path is missing") + meant;
  if (blanks.find(mark.path.back()) != std::string_view::npos)
    return "it ends in a blank, which would belong to the path";
  return "";
}

}  // namespace

ForeignList parse_paxd(std::string_view text) {
  ForeignList list;
  for_each_line(text, [&list](std::string_view line, std::size_t number) {
    if (line.starts_with('#')) return;
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    if (line.empty()) return;
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
