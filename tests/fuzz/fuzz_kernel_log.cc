// A kernel log from any bytes: read at once and byte by byte it says the same, and what it says names programs.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "audit/kernel_log.h"

namespace {

void expect(bool holds) {
  if (!holds) __builtin_trap();
}

std::string spell(const revdep::audit::KernelLog::Denials& denials) {
  std::string text;
  for (const auto& finding : denials.findings) {
    expect(finding.object.size() > 1 && finding.object.starts_with('/'));
    expect(finding.message.find('\n') == std::string::npos && finding.cause.find('\n') == std::string::npos);
    text += finding.object + ": " + finding.message + '\n';
  }
  for (const auto& error : denials.errors) text += error.to_string() + '\n';
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  revdep::audit::KernelLog whole("log");
  whole.add(text);
  revdep::audit::KernelLog pieces("log");
  for (std::size_t at = 0; at < text.size(); ++at) pieces.add(text.substr(at, 1));
  expect(spell(whole.finish()) == spell(pieces.finish()));
  return 0;
}
