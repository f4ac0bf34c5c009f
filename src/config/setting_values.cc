#include "config/setting_values.h"

#include <charconv>
#include <cstdint>
#include <system_error>

namespace revdep::config {

std::string read_duration(std::string_view text, std::chrono::milliseconds& value) {
  constexpr std::int64_t most = 24L * 60 * 60 * 1000;
  const std::string start = '\'' + std::string(text) + "' ";
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto digits = static_cast<std::size_t>(end - text.data());
  const std::string_view unit = text.substr(digits);
  const bool is_seconds = unit == "s";
  const bool fits = error == std::errc() && number <= most / (is_seconds ? 1000 : 1);
  if (digits == 0 || number < 0 || (!unit.empty() && unit != "ms" && !is_seconds)) {
    return start + "is no time: a number of milliseconds, or one with ms or s, like 500ms or 10s";
  }
  if (!fits) return start + "is more than a day";
  value = std::chrono::milliseconds(number * (is_seconds ? 1000 : 1));
  return "";
}

std::string read_path(const std::string& text, std::string& value) {
  if (!text.starts_with('/')) return '\'' + text + "' is no absolute path: it must begin with / and has no quotes";
  value = text;
  return "";
}

}  // namespace revdep::config
