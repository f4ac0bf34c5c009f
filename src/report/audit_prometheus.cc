// Prometheus' text format: https://prometheus.io/docs/instrumenting/exposition_formats/
#include <map>
#include <string_view>
#include <utility>

#include "report/findings.h"

namespace revdep::report {
namespace {

void write_head(Output& output, std::string_view metric, std::string_view help) {
  output << "# HELP " << metric << ' ' << help << "\n# TYPE " << metric << " gauge\n";
}

void write_value(Output& output, std::string_view metric, std::string_view help, const std::string& value) {
  write_head(output, metric, help);
  output << metric << ' ' << value << '\n';
}

}  // namespace

void write_audit_prometheus(Output& output, const Audit& audit, std::int64_t time) {
  // Zeros too, so that a series does not vanish with its last finding.
  std::map<std::pair<audit::Rule, audit::Severity>, std::size_t> counts;
  for (const audit::RuleInfo& rule : audit::all_rules()) counts[{rule.rule, rule.severity}] = 0;
  for (const audit::Finding& finding : audit.findings) ++counts[{finding.rule, finding.severity}];

  write_head(output, "revdep_pax_audit_findings", "Findings of the last audit.");
  for (const auto& [key, count] : counts) {
    output << R"(revdep_pax_audit_findings{rule=")" << info(key.first).id << R"(",severity=")" << keyword(key.second)
           << "\"} " << std::to_string(count) << '\n';
  }
  write_value(output, "revdep_pax_audit_objects", "ELF objects that the last audit looked at.",
              std::to_string(audit.objects));
  write_value(output, "revdep_pax_audit_executables", "Executables among these objects.",
              std::to_string(audit.executables));
  write_value(output, "revdep_pax_audit_timestamp_seconds", "When the last audit ended, in seconds since the epoch.",
              std::to_string(time));
}

}  // namespace revdep::report
