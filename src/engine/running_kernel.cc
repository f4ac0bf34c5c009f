#include "engine/running_kernel.h"

#include <zlib.h>

#include <array>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>

namespace revdep::engine {
namespace {

// The number in a file of one; `otherwise` where there is none.
int read_number(const std::string& path, int otherwise) {
  std::ifstream stream(path);
  int number = 0;
  return stream >> number ? number : otherwise;
}

// A kernel's configuration has some 200 KiB.
constexpr std::size_t config_limit = std::size_t{4} << 20U;

std::optional<std::string> read_gzip(const std::string& path) {
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(::gzopen(path.c_str(), "rbe"), ::gzclose);
  if (!file) return std::nullopt;
  std::string text;
  std::array<char, 16384> block{};
  int count = 0;
  while (text.size() < config_limit && (count = ::gzread(file.get(), block.data(), block.size())) > 0) {
    text.append(block.data(), static_cast<std::size_t>(count));
  }
  if (count != 0) return std::nullopt;
  return text;
}

// x86 kernels list "nx"; elsewhere PAGEEXEC needs no such bit.
bool has_nx(const std::string& proc) {
  std::ifstream stream(proc + "/cpuinfo");
  for (std::string line; std::getline(stream, line);) {
    if (!line.starts_with("flags")) continue;
    std::istringstream words(line);
    for (std::string word; words >> word;) {
      if (word == "nx") return true;
    }
    return false;
  }
  return true;
}

// "3.11.9-hardened" and what is older.
bool is_up_to_3_11(const std::string& proc) {
  std::ifstream stream(proc + "/sys/kernel/osrelease");
  int major = 0;
  int minor = 0;
  char dot = 0;
  if (!(stream >> major >> dot >> minor) || dot != '.') return false;
  return major < 3 || (major == 3 && minor <= 11);
}

}  // namespace

pax::Kernel parse_kernel_config(std::string_view config, pax::Kernel base) {
  struct Option {
    std::string_view line;
    bool pax::Kernel::*member;
  };
  constexpr std::array<Option, 8> options = {{
      {"CONFIG_PAX_PAGEEXEC=y", &pax::Kernel::pageexec},
      {"CONFIG_PAX_SEGMEXEC=y", &pax::Kernel::segmexec},
      {"CONFIG_PAX_EMUTRAMP=y", &pax::Kernel::emutramp},
      {"CONFIG_PAX_MPROTECT=y", &pax::Kernel::mprotect},
      {"CONFIG_PAX_RANDMMAP=y", &pax::Kernel::randmmap},
      {"CONFIG_PAX_PT_PAX_FLAGS=y", &pax::Kernel::reads_header},
      {"CONFIG_PAX_XATTR_PAX_FLAGS=y", &pax::Kernel::reads_xattr},
      {"CONFIG_PAX_EI_PAX=y", &pax::Kernel::reads_ei},
  }};
  for (const Option& option : options) base.*(option.member) = false;
  std::istringstream lines{std::string(config)};
  for (std::string line; std::getline(lines, line);) {
    for (const Option& option : options) base.*(option.member) |= line == option.line;
  }
  return base;
}

RunningKernel read_running_kernel(const std::string& proc) {
  RunningKernel running;
  std::ifstream status(proc + "/self/status");
  for (std::string line; std::getline(status, line);) running.has_pax = running.has_pax || line.starts_with("PaX:");
  if (!running.has_pax) return running;
  running.kernel.softmode = read_number(proc + "/sys/kernel/pax/softmode", 0) == 1;
  running.kernel.randomize = read_number(proc + "/sys/kernel/randomize_va_space", 1) != 0;
  running.kernel.nx = has_nx(proc);
  running.kernel.up_to_3_11 = is_up_to_3_11(proc);
  if (const auto config = read_gzip(proc + "/config.gz")) {
    running.kernel = parse_kernel_config(*config, running.kernel);
    running.shows_config = true;
  }
  return running;
}

}  // namespace revdep::engine
