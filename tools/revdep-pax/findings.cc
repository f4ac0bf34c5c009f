#include "revdep-pax/findings.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <utility>

#include "audit/ignores.h"
#include "base/fd.h"

namespace revdep::tool {
namespace {

base::Result<std::string> read_file(const std::string& name) {
  const base::Fd file(::open(name.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return base::system_error("read", name, errno);
  std::string text;
  std::array<char, 16384> block{};
  ssize_t count = 0;
  while ((count = ::read(file.get(), block.data(), block.size())) > 0) {
    text.append(block.data(), static_cast<std::size_t>(count));
  }
  if (count < 0) return base::system_error("read", name, errno);
  return text;
}

std::optional<base::Error> ignore(const std::string& file, report::Audit& audit, std::vector<base::Error>& problems) {
  const auto text = read_file(file);
  if (!text) return text.error();
  audit::Ignores ignores = audit::Ignores::parse(*text, file, problems);
  audit.ignored = ignores.apply(audit.findings);
  for (base::Error& unused : ignores.unused()) problems.push_back(std::move(unused));
  return std::nullopt;
}

void write(report::Output& output, const Options& options, const report::Audit& audit, report::Colors colors) {
  switch (options.format) {
    case Format::text:
      return report::write_audit_text(output, audit, colors, options.verbose);
    case Format::json:
      return report::write_audit_json(output, audit);
    case Format::sarif:
      return report::write_audit_sarif(output, audit);
    case Format::prometheus:
      return report::write_audit_prometheus(output, audit, std::time(nullptr));
    case Format::dot:
      return report::write_audit_dot(output, audit);
  }
}

// Beside the file, then over it: a collector never reads half of it.
std::optional<base::Error> write_file(const Options& options, const report::Audit& audit) {
  const std::string& name = options.output_file;
  std::string temporary = name + ".XXXXXX";
  const base::Fd file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (file.get() < 0) return base::system_error("write", name, errno);
  constexpr mode_t readable = 0644;
  std::optional<base::Error> error;
  try {
    report::Output output(file.get());
    write(output, options, audit, report::Colors::no);
    output.flush();
    if (::fchmod(file.get(), readable) != 0 || ::fsync(file.get()) != 0 ||
        ::rename(temporary.c_str(), name.c_str()) != 0) {
      error = base::system_error("write", name, errno);
    }
  } catch (const std::system_error& thrown) {
    error = base::Error{"write", name, thrown.code().message()};
  }
  if (error) ::unlink(temporary.c_str());
  return error;
}

}  // namespace

report::Audit new_audit(const Options& options, const engine::KnownKernel& kernel) {
  report::Audit audit;
  audit.root = options.load.root;
  audit.kernel = kernel.judges;
  audit.kernel_source = kernel.source;
  return audit;
}

base::Result<Exit> tell_findings(const Options& options, report::Audit audit, report::Output& output,
                                 report::Colors colors, std::vector<base::Error>& problems) {
  // Before the choice of rules, as a line is of use whatever was chosen.
  if (!options.ignore_file.empty()) {
    if (auto error = ignore(options.ignore_file, audit, problems)) return *std::move(error);
  }
  if (!options.rules.empty()) {
    std::erase_if(audit.findings, [&](const audit::Finding& finding) {
      return std::ranges::find(options.rules, finding.rule) == options.rules.end();
    });
  }
  audit.shown = options.severity;
  if (options.output_file.empty()) {
    write(output, options, audit, colors);
  } else if (auto error = write_file(options, audit)) {
    return *std::move(error);
  }
  const bool counts = std::ranges::any_of(
      audit.findings, [&](const audit::Finding& finding) { return finding.severity >= options.severity; });
  return counts ? Exit::findings : Exit::clean;
}

}  // namespace revdep::tool
