// The findings that a user knows of and does not want to see: a list of rules and paths with reasons. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "audit/finding.h"
#include "base/error.h"

namespace revdep::audit {

class Ignores {
 public:
  /// Lines `RULE-ID GLOB  # reason`; GLOB is fnmatch(3)'s, on Finding::object, and may hold blanks. '#' behind a blank begins
  /// the reason, at the start of a line a comment. What is malformed is left out: an error with `name` and line each.
  static Ignores parse(std::string_view text, const std::string& name, std::vector<base::Error>& errors);

  /// Takes out what is ignored; how many that were.
  std::size_t apply(std::vector<Finding>& findings);

  /// Entries that took nothing out so far.
  [[nodiscard]] std::vector<base::Error> unused() const;

 private:
  struct Entry {
    Rule rule;
    std::string glob;
    std::string place;  // "FILE:3"
    bool used = false;
  };
  std::vector<Entry> entries_;
};

}  // namespace revdep::audit
