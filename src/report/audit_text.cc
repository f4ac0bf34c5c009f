#include <algorithm>
#include <array>
#include <string_view>

#include "report/audit_groups.h"
#include "report/findings.h"
#include "report/names.h"

namespace revdep::report {
namespace {

using audit::Finding;
using audit::Severity;

constexpr std::size_t shown_findings = 3;

std::string plural(std::size_t number, std::string_view noun) {
  return std::to_string(number) + ' ' + std::string(noun) + (number == 1 ? "" : "s");
}

std::string join(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

std::size_t count(const Audit& audit, Severity severity) {
  return static_cast<std::size_t>(std::ranges::count(audit.findings, severity, &Finding::severity));
}

// "2 errors, 1 warning, 3 ignored"
std::string counts(const Audit& audit) {
  std::vector<std::string> parts;
  for (const Severity severity : {Severity::error, Severity::warning, Severity::note}) {
    const std::size_t number = count(audit, severity);
    if (number != 0) parts.push_back(plural(number, keyword(severity)));
  }
  if (parts.empty()) parts.emplace_back("no findings");
  if (audit.ignored != 0) parts.push_back(std::to_string(audit.ignored) + " ignored");
  return join(parts);
}

// "reads header and xattr, hard mode"
std::string describe(const pax::Kernel& kernel) {
  std::vector<std::string> stores;
  if (kernel.reads_header) stores.emplace_back("header");
  if (kernel.reads_xattr) stores.emplace_back("xattr");
  if (kernel.reads_ei) stores.emplace_back("EI_PAX");
  std::string text = "reads ";
  if (stores.empty()) {
    text += "neither header nor xattr";
  } else if (stores.size() == 1) {
    text += stores.front() + " only";
  } else {
    const std::string last = stores.back();
    stores.pop_back();
    text += join(stores) + " and " + last;
  }
  return text + (kernel.softmode ? ", soft mode" : ", hard mode");
}

void write_verdict(Output& output, const Audit& audit) {
  const bool consistent = count(audit, Severity::error) == 0 && count(audit, Severity::warning) == 0;
  const std::string system = plural(audit.objects, "object") + " (" + plural(audit.executables, "executable") + ')';
  output << (consistent ? "consistent: " : "inconsistent: ") << counts(audit) << " in "
         << (audit.scope.empty() ? system : escape(audit.scope)) << "; kernel " << audit.kernel_source << ": "
         << describe(audit.kernel) << '\n';
}

void write_rule(Output& output, const Finding& finding, Colors colors) {
  // By Severity: cyan, yellow, red.
  constexpr std::array<std::string_view, 3> tints = {"\x1b[36m", "\x1b[33m", "\x1b[31m"};
  if (colors == Colors::yes) output << tints.at(static_cast<std::size_t>(finding.severity));
  output << keyword(finding.severity);
  if (colors == Colors::yes) output << "\x1b[0m";
  output << ' ' << info(finding.rule).id << ": ";
}

std::string name(const Finding& finding) {
  return escape(finding.object) + (finding.package.empty() ? "" : " [" + escape(finding.package) + "]");
}

std::string arrows(const audit::Chain& chain) {
  std::string text;
  for (const audit::Step& step : chain) text += (step.dlopened ? " -> (dlopen) " : " -> ") + escape(step.path);
  return text;
}

// A finding among others of its cause.
std::string member(const Finding& finding) {
  return name(finding) + (finding.chains.empty() ? ": " + clause(finding.message) : arrows(finding.chains.front()));
}

void write_mend(Output& output, const FindingGroup& group) {
  const Finding& first = group.first();
  if (!first.mend) return;
  output << "  mend: " << mending_line(*first.mend, group.objects).value_or("(the path cannot be written on a line)")
         << '\n';
}

void write_group(Output& output, const FindingGroup& group, Colors colors, bool verbose) {
  const Finding& first = group.first();
  write_rule(output, first, colors);
  if (first.cause.empty()) {
    output << name(first) << ": " << clause(first.message) << '\n';
    if (!first.chains.empty()) output << "   " << arrows(first.chains.front()) << '\n';
  } else {
    output << clause(first.cause) << ": " << plural(group.objects.size(), "object") << '\n';
    const std::size_t shown = verbose ? group.findings.size() : std::min(group.findings.size(), shown_findings);
    for (std::size_t index = 0; index < shown; ++index) output << "    " << member(*group.findings[index]) << '\n';
    const std::size_t rest = group.findings.size() - shown;
    if (rest != 0) output << "    and " << std::to_string(rest) << " more\n";
  }
  write_mend(output, group);
}

}  // namespace

void write_audit_text(Output& output, const Audit& audit, Colors colors, bool verbose) {
  const std::vector<FindingGroup> groups = group_findings(audit.findings, audit.shown);
  if (groups.empty() && !verbose) return;
  write_verdict(output, audit);
  for (const FindingGroup& group : groups) {
    output << '\n';
    write_group(output, group, colors, verbose);
  }
}

}  // namespace revdep::report
