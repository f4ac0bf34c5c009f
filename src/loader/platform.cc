#include "loader/platform.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstddef>
#include <optional>
#include <utility>

#include "loader/hwcaps.h"

namespace revdep::loader {
namespace {

constexpr std::size_t loader_limit = std::size_t{4} << 20;

// _dl_hwcaps_subdirs of the x86-64 loaders, the only named ones that are computed here.
constexpr std::string_view x86_64_hwcaps = "x86-64-v4:x86-64-v3:x86-64-v2";

bool is_graphic(char byte) { return byte > ' ' && byte <= '~'; }

// The path that a string of the loader's read-only data ends with, if it can stand in its system_dirs: "/usr/lib64/".
// What stands right before the array need not end in a NUL.
std::string_view directory_in(std::string_view text) {
  const auto junk = std::find_if_not(text.rbegin(), text.rend(), is_graphic);
  text.remove_prefix(static_cast<std::size_t>(text.rend() - junk));
  return text.size() > 2 && text.starts_with('/') && text.ends_with('/') ? text : std::string_view();
}

// elf/dl-load.c's system_dirs: NUL-terminated paths in a row, each with a slash at both ends. The longest such row of
// which one names a library directory; {} when the bytes have none.
std::vector<std::string> find_system_directories(std::string_view bytes) {
  std::vector<std::string> best;
  std::vector<std::string> row;
  bool has_library = false;
  const auto finish_row = [&] {
    if (has_library && row.size() > best.size()) best = row;
    row.clear();
    has_library = false;
  };
  while (!bytes.empty()) {
    const std::string_view text = bytes.substr(0, bytes.find('\0'));
    bytes.remove_prefix(std::min(text.size() + 1, bytes.size()));
    const std::string_view directory = directory_in(text);
    if (directory.size() != text.size() || directory.empty()) finish_row();
    if (directory.empty()) continue;
    row.emplace_back(directory.substr(0, directory.size() - 1));
    has_library = has_library || directory.find("/lib") != std::string_view::npos;
  }
  finish_row();
  return best;
}

// The minor of "release version 2.MINOR" in the loader's banner, which it has since 2.33.
std::optional<int> find_version(std::string_view bytes) {
  constexpr std::string_view banner = "release version 2.";
  const std::size_t at = bytes.find(banner);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view digits = bytes.substr(at + banner.size(), 4);
  int minor = 0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), minor).ec != std::errc()) return std::nullopt;
  return minor;
}

HwcapsSupport find_hwcaps_support(std::string_view bytes) {
  if (bytes.find("GLIBC_PRIVATE") == std::string_view::npos) return {};
  return {.named = bytes.find(x86_64_hwcaps) != std::string_view::npos, .legacy = find_version(bytes).value_or(0) < 37};
}

}  // namespace

Flavour flavour_of(std::string_view interpreter) {
  return base::split_path(interpreter).second.starts_with("ld-musl-") ? Flavour::musl : Flavour::glibc;
}

Platform read_platform(base::Tree& tree, elf::Abi abi, std::string_view interpreter) {
  Platform platform;
  platform.flavour = flavour_of(interpreter);
  const bool exists = interpreter.starts_with('/') && tree.resolve(interpreter).kind != base::FileKind::missing;
  if (exists) platform.interpreter = interpreter;
  if (platform.flavour == Flavour::musl) {
    // It knows neither $LIB nor $PLATFORM nor subdirectories.
    platform.system_directories = {"/lib", "/usr/local/lib", "/usr/lib"};
    return platform;
  }
  HwcapsSupport support;
  if (exists) {
    if (const base::Result<std::string> bytes = tree.read_file(interpreter, loader_limit)) {
      platform.system_directories = find_system_directories(*bytes);
      support = find_hwcaps_support(*bytes);
    }
  }
  if (platform.system_directories.empty()) platform.system_directories = usual_system_directories(abi);
  platform.lib = platform.system_directories.front().substr(1);
  Hwcaps hwcaps = compute_hwcaps(abi, support, read_x86_cpu());
  platform.platform = std::move(hwcaps.platform);
  platform.hwcaps = std::move(hwcaps.names);
  platform.hwcaps_subdirectories = std::move(hwcaps.subdirectories);
  platform.legacy_hwcap = hwcaps.legacy_bits;
  return platform;
}

}  // namespace revdep::loader
