#include <gtest/gtest.h>

#include <string>

#include "report/audit_sample.h"
#include "report/capture.h"
#include "report/findings.h"

namespace revdep::report {
namespace {

using audit::Rule;
using audit::Severity;

std::string text_of(const Audit& audit, bool verbose = false, Colors colors = Colors::no) {
  Capture capture;
  write_audit_text(capture.output(), audit, colors, verbose);
  return capture.text();
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// Without the line of the verdict and the blank one behind it.
std::string entries(const std::string& text) { return text.substr(text.find("\n\n") + 2); }

TEST(AuditText, IsAVerdictAndAnEntryForEachCause) {
  EXPECT_EQ(text_of(sample()),
            "inconsistent: 5 errors, 1 warning, 1 note in 3598 objects (1203 executables); "
            "kernel assumed: reads header and xattr, hard mode\n"
            "\n"
            "error refused: /usr/bin/x [app/one-1]: header says e, xattr says em\n"
            "  mend: revdep-pax --sync /usr/bin/x\n"
            "\n"
            "error unmet-requirement: m is asked for by /usr/lib64/libjit.so.1 [dev-libs/jit-1.0]: 4 objects\n"
            "    /opt/c [app/one-1] -> /usr/lib64/libmid.so.1 -> /usr/lib64/libjit.so.1\n"
            "    /usr/bin/a [app/one-1] -> /usr/lib64/libjit.so.1\n"
            "    /usr/bin/b -> (dlopen) /usr/lib64/libjit.so.1\n"
            "    and 1 more\n"
            "  mend: revdep-pax -r -m\n"
            "\n"
            "warning store-mismatch: /usr/lib64/libmid.so.1: header says e, xattr none\n"
            "\n"
            "note unresolved: libgone.so.1: is needed by /usr/bin/y\n");
}

TEST(AuditText, VerboseListsEveryObject) {
  const std::string text = text_of(sample(), true);
  EXPECT_NE(text.find("    /usr/bin/b -> (dlopen) /usr/lib64/libjit.so.1\n"
                      "    /usr/bin/d -> /usr/lib64/libjit.so.1\n"
                      "  mend: revdep-pax -r -m\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find(" more\n"), std::string::npos);
}

TEST(AuditText, WithoutFindingsIsEmptyUnlessVerbose) {
  Audit clean = audit_of({});
  EXPECT_EQ(text_of(clean), "");
  EXPECT_EQ(text_of(clean, true),
            "consistent: no findings in 3598 objects (1203 executables); kernel assumed: reads header and xattr, "
            "hard mode\n");
  clean.ignored = 3;
  clean.objects = clean.executables = 1;
  EXPECT_EQ(text_of(clean), "");
  EXPECT_EQ(first_line(text_of(clean, true)),
            "consistent: no findings, 3 ignored in 1 object (1 executable); kernel assumed: reads header and xattr, "
            "hard mode");
}

TEST(AuditText, NotesAloneAreConsistent) {
  Audit notes = audit_of({finding(Rule::unresolved, "libgone.so.1", "is needed by /usr/bin/y")});
  EXPECT_EQ(first_line(text_of(notes)).substr(0, 19), "consistent: 1 note ");
  notes.findings.front().severity = Severity::warning;
  EXPECT_EQ(first_line(text_of(notes)).substr(0, 24), "inconsistent: 1 warning ");
}

TEST(AuditText, SaysWhichKernelTheVerdictsAreFor) {
  struct Case {
    bool header, xattr, ei, softmode;
    const char* text;
  };
  for (const Case& c : {Case{true, true, false, true, "header and xattr, soft mode"},
                        Case{true, false, false, false, "header only, hard mode"},
                        Case{false, true, false, false, "xattr only, hard mode"},
                        Case{false, false, false, false, "neither header nor xattr, hard mode"},
                        Case{false, false, true, false, "EI_PAX only, hard mode"},
                        Case{false, true, true, false, "xattr and EI_PAX, hard mode"},
                        Case{true, true, true, false, "header, xattr and EI_PAX, hard mode"}}) {
    Audit audit = audit_of({});
    audit.kernel.reads_header = c.header;
    audit.kernel.reads_xattr = c.xattr;
    audit.kernel.reads_ei = c.ei;
    audit.kernel.softmode = c.softmode;
    audit.kernel_source = "declared";
    const std::string text = text_of(audit, true);
    EXPECT_EQ(text.substr(text.find(';')), std::string("; kernel declared: reads ") + c.text + '\n');
  }
}

TEST(AuditText, ACommandForObjectsTakesAllOfItsEntryEachOnce) {
  const auto stale = [](const char* object, const char* message) {
    audit::Finding result = finding(Rule::stale_claim, object, message);
    result.cause = "m was set for /lib/gone.so";
    result.mend = audit::Mend{{"revdep-pax", "--clear"}, true};
    return result;
  };
  EXPECT_EQ(entries(text_of(audit_of({stale("/bin/b", "m is stale"), stale("/bin/a b", "m is stale"),
                                      stale("/bin/b", "r is stale"), stale("/bin/a", "m is stale")}))),
            "warning stale-claim: m was set for /lib/gone.so: 3 objects\n"
            "    /bin/a: m is stale\n"
            "    /bin/a b: m is stale\n"
            "    /bin/b: m is stale\n"
            "    and 1 more\n"
            "  mend: revdep-pax --clear /bin/a '/bin/a b' /bin/b\n");
}

TEST(AuditText, ACauseOfOneIsWrittenAsACauseWithItsFirstChain) {
  audit::Finding one = unmet("/bin/a", "", {{"/lib/j", false}});
  one.chains.push_back({{"/lib/i", false}, {"/lib/j", false}});
  EXPECT_EQ(entries(text_of(audit_of({one}))),
            "error unmet-requirement: m is asked for by /usr/lib64/libjit.so.1 [dev-libs/jit-1.0]: 1 object\n"
            "    /bin/a -> /lib/j\n"
            "  mend: revdep-pax -r -m\n");
}

TEST(AuditText, TheChainOfASingleFindingStandsBelowIt) {
  audit::Finding conflict = finding(Rule::conflict, "/bin/a", "/lib/j asks for m, its own marking says M");
  conflict.chains = {{{"/lib/i", false}, {"/lib/j", true}}, {{"/lib/k", false}}};
  EXPECT_EQ(entries(text_of(audit_of({conflict}))),
            "error conflict: /bin/a: /lib/j asks for m, its own marking says M\n"
            "    -> /lib/i -> (dlopen) /lib/j\n");
}

TEST(AuditText, WhatDiffersInCauseSeverityOrMendIsNotOneEntry) {
  const audit::Finding one = unmet("/bin/a", "", {{"/lib/j", false}});
  audit::Finding other_cause = unmet("/bin/b", "", {{"/lib/j", false}});
  other_cause.cause = "r is asked for by /lib/j";
  audit::Finding other_severity = unmet("/bin/c", "", {{"/lib/j", false}});
  other_severity.severity = Severity::warning;
  audit::Finding other_mend = unmet("/bin/d", "", {{"/lib/j", false}});
  other_mend.mend.reset();
  const std::string text = text_of(audit_of({one, other_cause, other_severity, other_mend}));
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(": 1 object\n", at)) != std::string::npos; ++at) ++found;
  EXPECT_EQ(found, 4U) << text;
}

TEST(AuditText, FindingsWithoutACauseStandAlone) {
  const std::string text = entries(text_of(audit_of(
      {finding(Rule::unreadable, "/a", "Permission denied"), finding(Rule::unreadable, "/b", "Permission denied")})));
  EXPECT_EQ(text, "note unreadable: /a: Permission denied\n\nnote unreadable: /b: Permission denied\n");
}

TEST(AuditText, OfOneRuleTheCauseOfMostObjectsComesFirst) {
  const auto asked = [](const char* object, const char* cause) {
    audit::Finding result = unmet(object, "", {{"/lib/j", false}});
    result.cause = cause;
    return result;
  };
  const std::string text =
      text_of(audit_of({asked("/bin/a", "A"), asked("/bin/b", "C"), asked("/bin/c", "C"), asked("/bin/d", "B")}));
  const std::size_t most = text.find("C: 2 objects");
  const std::size_t first = text.find("A: 1 object\n");
  const std::size_t second = text.find("B: 1 object\n");
  EXPECT_LT(most, first);
  EXPECT_LT(first, second);
  EXPECT_NE(second, std::string::npos) << text;
}

TEST(AuditText, OnlyTheSeverityHasAColor) {
  audit::Finding stale = finding(Rule::stale_claim, "/a", "m is stale");
  audit::Finding note = finding(Rule::unreadable, "/a", "Permission denied");
  EXPECT_EQ(entries(text_of(audit_of({refused(), stale, note}), false, Colors::yes)),
            "\x1b[31merror\x1b[0m refused: /usr/bin/x [app/one-1]: header says e, xattr says em\n"
            "  mend: revdep-pax --sync /usr/bin/x\n\n"
            "\x1b[33mwarning\x1b[0m stale-claim: /a: m is stale\n\n"
            "\x1b[36mnote\x1b[0m unreadable: /a: Permission denied\n");
}

TEST(AuditText, NamesWithControlBytesStayOnTheirLine) {
  const std::string name = "/opt/a\\x0a\\x1b[31m\"'\\x5cN{0}](x) &lt;<b>$(id)`id`\xff";
  const std::string in_a_clause = "/opt/a\\x0a\\x1b[31m\"'\\N{0}](x) &lt;<b>$(id)`id`\xff";
  EXPECT_EQ(entries(text_of(hostile())), "error unmet-requirement: " + in_a_clause + ": 1 object\n    " + name +
                                             " [app/\"\\x0a-1] -> " + name +
                                             "lib\n"
                                             "  mend: (the path cannot be written on a line)\n\n"
                                             "note unreadable: " +
                                             name + ": " + in_a_clause + ": Permission denied\n");
}

TEST(AuditText, NamesThatAreEscapedInAClauseAreNotEscapedAgain) {
  audit::Finding odd = finding(Rule::unresolved, "/a", "it needs lib\\x0a.so, which has no provider");
  odd.cause = "lib\\x0a.so has no provider";
  EXPECT_EQ(entries(text_of(audit_of({odd}))),
            "note unresolved: lib\\x0a.so has no provider: 1 object\n"
            "    /a: it needs lib\\x0a.so, which has no provider\n");
}

TEST(AuditText, WhatIsNotSevereEnoughToBeShownIsOnlyCounted) {
  Audit audit = sample();
  audit.shown = Severity::warning;
  const std::string text = text_of(audit);
  EXPECT_EQ(first_line(text).substr(0, 44), "inconsistent: 5 errors, 1 warning, 1 note in");
  EXPECT_NE(text.find("\nwarning "), std::string::npos);
  EXPECT_EQ(text.find("\nnote "), std::string::npos);
  audit.findings = {audit.findings.back()};
  EXPECT_EQ(text_of(audit), "");
  EXPECT_EQ(first_line(text_of(audit, true)).substr(0, 22), "consistent: 1 note in ");
}

}  // namespace
}  // namespace revdep::report
