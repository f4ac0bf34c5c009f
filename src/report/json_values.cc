#include "report/json_values.h"

#include <ctime>

#include "report/names.h"

namespace revdep::report {

std::string format_time(std::int64_t seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[sizeof "2026-01-01T00:00:00Z" + 8];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

nlohmann::ordered_json json_kernel(const pax::Kernel& kernel, std::string_view source) {
  return {{"source", json_text(source)},
          {"pageexec", kernel.pageexec},
          {"segmexec", kernel.segmexec},
          {"emutramp", kernel.emutramp},
          {"mprotect", kernel.mprotect},
          {"randmmap", kernel.randmmap},
          {"header", kernel.reads_header},
          {"xattr", kernel.reads_xattr},
          {"ei", kernel.reads_ei},
          {"softmode", kernel.softmode},
          {"nx", kernel.nx},
          {"randomize", kernel.randomize},
          {"up_to_3_11", kernel.up_to_3_11}};
}

}  // namespace revdep::report
