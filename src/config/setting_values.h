// The kinds of values that settings have: words, durations, paths. Each read_* returns what is wrong with the text and what
// was meant; "": nothing is, and `value` is set. Knows no setting.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "config/nearest.h"

namespace revdep::config {

/// One of `words`; the value is its index.
template <class Value>
std::string read_word(const std::string& text, std::span<const std::string_view> words, Value& value) {
  const auto word = std::ranges::find(words, text);
  if (word == words.end()) return '\'' + text + "' is not known" + suggest_name(text, words, "it is one of");
  value = static_cast<Value>(word - words.begin());
  return "";
}

/// Milliseconds, or a number with `ms` or `s`; at most a day.
std::string read_duration(std::string_view text, std::chrono::milliseconds& value);

/// An absolute path.
std::string read_path(const std::string& text, std::string& value);

}  // namespace revdep::config
