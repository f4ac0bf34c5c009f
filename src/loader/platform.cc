#include "loader/platform.h"

#include <elf.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <optional>
#include <utility>

#include "loader/hwcaps.h"

namespace revdep::loader {
namespace {

constexpr std::size_t loader_limit = std::size_t{4} << 20;

// _dl_hwcaps_subdirs of the x86-64 loaders, the only named ones that are computed here.
constexpr std::string_view x86_64_hwcaps = "x86-64-v4:x86-64-v3:x86-64-v2";

bool is_graphic(char byte) { return byte > ' ' && byte <= '~'; }

// The path that ends with the slash at `end`, if it can stand in system_dirs: "/usr/lib64/". What stands right before the
// array need not end in a NUL.
std::string_view directory_ending_at(std::string_view bytes, std::size_t end) {
  std::size_t start = end;
  while (start > 0 && is_graphic(bytes[start - 1])) --start;
  const std::string_view text = bytes.substr(start, end + 1 - start);
  return text.size() > 2 && text.starts_with('/') ? text : std::string_view();
}

// elf/dl-load.c's system_dirs: NUL-terminated paths in a row, each with a slash at both ends. The longest such row of
// which one names a library directory; {} when the bytes have none.
std::vector<std::string> find_system_directories(std::string_view bytes) {
  constexpr std::string_view ending("/\0", 2);
  std::vector<std::string> best;
  std::vector<std::string> row;
  bool has_library = false;
  std::size_t row_end = 0;  // where the row's next path would begin
  const auto finish_row = [&] {
    if (has_library && row.size() > best.size()) best = row;
    row.clear();
    has_library = false;
  };
  for (std::size_t end = bytes.find(ending); end != std::string_view::npos; end = bytes.find(ending, end + 1)) {
    const std::string_view directory = directory_ending_at(bytes, end);
    if (directory.empty()) continue;
    if (static_cast<std::size_t>(directory.data() - bytes.data()) != row_end) finish_row();
    row_end = end + ending.size();
    row.emplace_back(directory.substr(0, directory.size() - 1));
    has_library = has_library || directory.find("/lib") != std::string_view::npos;
  }
  finish_row();
  return best;
}

// memmem: a loader is searched for texts whose first letter is everywhere in its code.
std::size_t find_text(std::string_view bytes, std::string_view text) {
  const void* const at = ::memmem(bytes.data(), bytes.size(), text.data(), text.size());
  return at == nullptr ? std::string_view::npos : static_cast<std::size_t>(static_cast<const char*>(at) - bytes.data());
}

// The minor of "release version 2.MINOR" in the loader's banner, which it has since 2.33.
std::optional<int> find_version(std::string_view bytes) {
  constexpr std::string_view banner = "release version 2.";
  const std::size_t at = find_text(bytes, banner);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view digits = bytes.substr(at + banner.size(), 4);
  int minor = 0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), minor).ec != std::errc()) return std::nullopt;
  return minor;
}

HwcapsSupport find_hwcaps_support(std::string_view bytes, elf::Abi abi) {
  if (find_text(bytes, "GLIBC_PRIVATE") == std::string_view::npos) return {};
  return {.named = abi.machine == EM_X86_64 && find_text(bytes, x86_64_hwcaps) != std::string_view::npos,
          .legacy = find_version(bytes).value_or(0) < 37};
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
      support = find_hwcaps_support(*bytes, abi);
    }
  }
  if (platform.system_directories.empty()) platform.system_directories = usual_system_directories(abi);
  platform.lib = platform.system_directories.front().substr(1);
  // Once: a virtual machine traps each question to its CPU.
  static const X86Cpu cpu = read_x86_cpu();
  Hwcaps hwcaps = compute_hwcaps(abi, support, cpu);
  platform.platform = std::move(hwcaps.platform);
  platform.hwcaps = std::move(hwcaps.names);
  platform.hwcaps_subdirectories = std::move(hwcaps.subdirectories);
  platform.legacy_hwcap = hwcaps.legacy_bits;
  return platform;
}

}  // namespace revdep::loader
