#include "loader/search_path.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace revdep::loader {
namespace {

// Length of the token `name` at the start of `text` (after the '$'), with or without braces; 0 when it is another.
std::size_t match_token(std::string_view text, std::string_view name) {
  const bool braces = text.starts_with('{');
  if (braces) text.remove_prefix(1);
  if (!text.starts_with(name)) return 0;
  const std::string_view rest = text.substr(name.size());
  if (braces) return rest.starts_with('}') ? name.size() + 2 : 0;
  const bool goes_on = !rest.empty() && (std::isalnum(static_cast<unsigned char>(rest[0])) != 0 || rest[0] == '_');
  return goes_on ? 0 : name.size();
}

// Textual normalisation as glibc's is_trusted_path_normalize does it: "." and ".." and doubled slashes.
std::string normalize(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t start = path.find_first_not_of('/');
    if (start == std::string_view::npos) break;
    path.remove_prefix(start);
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(part.size());
    if (part == ".") continue;
    if (part == "..") {
      out.resize(out.rfind('/') == std::string::npos ? 0 : out.rfind('/'));
      continue;
    }
    out += '/';
    out += part;
  }
  return out + '/';
}

bool is_trusted(std::string_view path, const Platform& platform) {
  const std::string normal = normalize(path);
  return std::any_of(platform.system_directories.begin(), platform.system_directories.end(),
                     [&](const std::string& directory) { return normal.starts_with(directory + '/'); });
}

}  // namespace

std::optional<std::string> expand_tokens(std::string_view text, const TokenValues& values) {
  std::string out;
  bool check_trusted = false;
  std::size_t position = 0;
  while (position < text.size()) {
    if (text[position] != '$') {
      out += text[position++];
      continue;
    }
    const std::string_view rest = text.substr(position + 1);
    if (const std::size_t length = match_token(rest, "ORIGIN")) {
      const bool ends_here = length == rest.size() || rest[length] == '/';
      if (values.secure && (position != 0 || !ends_here)) return std::nullopt;
      check_trusted = values.secure && values.program;
      out += values.origin == "/" ? std::string_view() : values.origin;
      if (values.origin == "/" && length == rest.size()) out += '/';
      position += 1 + length;
    } else if (const std::size_t platform_length = match_token(rest, "PLATFORM")) {
      if (values.platform->platform.empty()) return std::nullopt;
      out += values.platform->platform;
      position += 1 + platform_length;
    } else if (const std::size_t lib_length = match_token(rest, "LIB")) {
      out += values.platform->lib;
      position += 1 + lib_length;
    } else {
      out += text[position++];
    }
  }
  if (check_trusted && !is_trusted(out, *values.platform)) return std::nullopt;
  return out;
}

bool uses_origin(std::string_view text) {
  for (std::size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$', at + 1)) {
    if (match_token(text.substr(at + 1), "ORIGIN") != 0) return true;
  }
  return false;
}

bool searches_from_origin(const Image& image) {
  if (!image.extras) return false;
  const auto& [rpath, runpath, auxiliary, filter, no_default_lib] = *image.extras;
  return (rpath && uses_origin(*rpath)) || (runpath && uses_origin(*runpath));
}

std::vector<std::string> split_search_path(std::string_view text, const TokenValues& values) {
  std::vector<std::string> directories;
  if (text.empty()) return directories;
  while (true) {
    const std::size_t colon = text.find(':');
    if (colon == 0 || text.empty()) {
      directories.emplace_back(1, '/');
    } else if (std::optional<std::string> directory = expand_tokens(text.substr(0, colon), values)) {
      if (!directory->empty()) directories.push_back(std::move(*directory));
    }
    if (colon == std::string_view::npos) return directories;
    text.remove_prefix(colon + 1);
  }
}

bool is_read_apart_when_secure(std::string_view text, const Platform& platform) {
  TokenValues values{"/", &platform, false, false};
  if (!uses_origin(text)) return false;
  const std::vector<std::string> usual = split_search_path(text, values);
  values.secure = true;
  return split_search_path(text, values) != usual;
}

}  // namespace revdep::loader
