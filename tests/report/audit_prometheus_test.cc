#include <gtest/gtest.h>

#include "report/audit_sample.h"
#include "report/capture.h"
#include "report/findings.h"

namespace revdep::report {
namespace {

constexpr std::int64_t noon = 1700000000;

std::string metrics_of(const Audit& audit) {
  Capture capture;
  write_audit_prometheus(capture.output(), audit, noon);
  return capture.text();
}

TEST(AuditPrometheus, CountsFindingsByRuleAndSeverityZerosToo) {
  audit::Finding set_id = finding(audit::Rule::unjustified, "/bin/su", "m is not explained");
  set_id.severity = audit::Severity::error;
  Audit audit = sample();
  audit.findings.push_back(set_id);
  const auto line = [](const std::string& rule, const std::string& severity, int count) {
    return "revdep_pax_audit_findings{rule=\"" + rule + "\",severity=\"" + severity + "\"} " + std::to_string(count) +
           '\n';
  };
  EXPECT_EQ(metrics_of(audit),
            "# HELP revdep_pax_audit_findings Findings of the last audit.\n"
            "# TYPE revdep_pax_audit_findings gauge\n" +
                line("refused", "error", 1) + line("void-marking", "error", 0) + line("unmet-requirement", "error", 4) +
                line("conflict", "error", 0) + line("untrusted-asker", "error", 0) + line("unjustified", "warning", 0) +
                line("unjustified", "error", 1) + line("emutramp-by-accident", "warning", 0) +
                line("stale-claim", "warning", 0) + line("needs-marking", "warning", 0) +
                line("store-mismatch", "warning", 1) + line("no-xattr", "warning", 0) + line("unresolved", "note", 1) +
                line("unreadable", "note", 0) + line("legacy-ei-pax", "note", 0) + line("vdb-disagrees", "note", 0) +
                line("running-unmet", "error", 0) + line("running-stale", "warning", 0) +
                line("unknown-plugin", "note", 0) + line("denied", "error", 0) +
                "# HELP revdep_pax_audit_objects ELF objects that the last audit looked at.\n"
                "# TYPE revdep_pax_audit_objects gauge\n"
                "revdep_pax_audit_objects 3598\n"
                "# HELP revdep_pax_audit_executables Executables among these objects.\n"
                "# TYPE revdep_pax_audit_executables gauge\n"
                "revdep_pax_audit_executables 1203\n"
                "# HELP revdep_pax_audit_timestamp_seconds When the last audit ended, in seconds since the epoch.\n"
                "# TYPE revdep_pax_audit_timestamp_seconds gauge\n"
                "revdep_pax_audit_timestamp_seconds 1700000000\n");
}

// promtool reads its standard input only.
support::Outcome promtool(const std::string& metrics) {
  return read_by({"sh", "-c", "exec promtool check metrics <\"$0\""}, metrics);
}

TEST(AuditPrometheus, PassesPromtool) {
  if (!support::have_program("promtool")) GTEST_SKIP() << "no promtool";
  for (const Audit& audit : {sample(), hostile(), audit_of({})}) {
    const auto outcome = promtool(metrics_of(audit));
    EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
    EXPECT_EQ(outcome.out + outcome.err, "");
  }
  const auto unterminated = promtool(metrics_of(sample()) + "revdep_pax_audit_findings{rule=\"x} 1\n");
  EXPECT_NE(unterminated.status, 0);
}

}  // namespace
}  // namespace revdep::report
