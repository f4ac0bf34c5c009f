#include "report/text_blocks.h"

#include "report/names.h"

namespace revdep::report {
namespace {

constexpr std::string_view bold = "\x1b[1m";
constexpr std::string_view red = "\x1b[31m";
constexpr std::string_view yellow = "\x1b[33m";
constexpr std::string_view plain = "\x1b[0m";

}  // namespace

void TextBlocks::write(const Block& block) {
  write_title(block);
  for (const Line& line : block.lines) write_line(line);
  output_ << '\n';
}

void TextBlocks::write_title(const Block& block) {
  if (colors_ == Colors::yes) output_ << bold;
  if (block.object == nullptr) {
    output_ << escape(block.soname) << "\tnot found :" << block.abi;
  } else {
    if (direction_ == Direction::reverse) output_ << escape(block.object->name()) << '\t';
    output_ << block.object->escaped_path() << " :" << block.object->abi() << ' ' << block.object->flags();
  }
  if (colors_ == Colors::yes) output_ << plain;
  output_ << '\n';
}

void TextBlocks::write_line(const Line& line) {
  output_ << '\t';
  if (direction_ == Direction::forward) {
    // Once a line: no copy where none is needed.
    if (is_plain(line.soname)) {
      output_ << line.soname << '\t';
    } else {
      output_ << escape(line.soname) << '\t';
    }
  }
  const bool missing = line.object == nullptr;
  const std::string_view text = missing ? std::string_view("not found") : line.object->line();
  if (colors_ == Colors::yes && (missing || line.relation != Relation::same)) {
    output_ << (missing || line.relation == Relation::mismatch ? red : yellow) << text << plain;
  } else {
    output_ << text;
  }
  output_ << '\n';
}

}  // namespace revdep::report
