#include <gtest/gtest.h>

#include "report/audit_sample.h"
#include "report/capture.h"
#include "report/findings.h"

namespace revdep::report {
namespace {

std::string dot_of(const Audit& audit) {
  Capture capture;
  write_audit_dot(capture.output(), audit);
  return capture.text();
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++found;
  return found;
}

TEST(AuditDot, DrawsTheObjectsOfChainsWithTheirSeverity) {
  EXPECT_EQ(dot_of(sample()),
            "digraph audit {\n"
            "  graph [rankdir=LR nodesep=0.15 ranksep=1.2]\n"
            "  node [style=filled fontname=\"Helvetica\" fontsize=11 margin=\"0.1,0.04\"]\n"
            "  edge [color=\"#606060\" arrowsize=0.6 fontname=\"Helvetica\" fontsize=9]\n"
            "  n0 [label=\"c\" tooltip=\"/opt/c\" shape=box fillcolor=\"#f6b8b0\"]\n"
            "  n1 [label=\"a\" tooltip=\"/usr/bin/a\" shape=box fillcolor=\"#f6b8b0\"]\n"
            "  n2 [label=\"b\" tooltip=\"/usr/bin/b\" shape=box fillcolor=\"#f6b8b0\"]\n"
            "  n3 [label=\"d\" tooltip=\"/usr/bin/d\" shape=box fillcolor=\"#f6b8b0\"]\n"
            "  n4 [label=\"libjit.so.1\" tooltip=\"/usr/lib64/libjit.so.1\" shape=ellipse fillcolor=\"#ffffff\" "
            "penwidth=2]\n"
            "  n5 [label=\"libmid.so.1\" tooltip=\"/usr/lib64/libmid.so.1\" shape=ellipse fillcolor=\"#fbe7a2\"]\n"
            "  n0 -> n5\n"
            "  n1 -> n4\n"
            "  n2 -> n4 [style=dashed label=\"dlopen\"]\n"
            "  n3 -> n4\n"
            "  n5 -> n4\n"
            "}\n");
}

Audit many(int executables) {
  std::vector<audit::Finding> findings;
  for (int i = 10; i < 10 + executables; ++i) {
    findings.push_back(unmet("/usr/bin/program" + std::to_string(i), "",
                             {{i % 2 == 0 ? "/usr/lib64/libeven.so.1" : "/usr/lib64/libodd.so.1", false},
                              {"/usr/lib64/libjit.so.1", i % 3 == 0}}));
  }
  return audit_of(findings);
}

TEST(AuditDot, TheObjectsOfACauseBeyondTwelveAreOneNode) {
  EXPECT_EQ(dot_of(many(12)).find(" more"), std::string::npos);
  const std::string thirteen = dot_of(many(13));
  EXPECT_EQ(count(thirteen, "label=\"program"), 12U);
  EXPECT_NE(thirteen.find("[label=\"and 1 more\""), std::string::npos);
  const std::string hundred = dot_of(many(90));
  EXPECT_EQ(count(hundred, "label=\"program"), 12U);
  EXPECT_NE(hundred.find("rest0 [label=\"and 78 more\""), std::string::npos);
  EXPECT_EQ(count(hundred, "  rest0 -> "), 1U);
}

TEST(AuditDot, WithoutChainsIsAnEmptyGraph) {
  const std::string text = dot_of(audit_of({refused()}));
  EXPECT_EQ(text.find("label="), std::string::npos);
  EXPECT_EQ(text.substr(text.size() - 2), "}\n");
}

TEST(AuditDot, WhatIsNotSevereEnoughToBeShownIsNotDrawn) {
  Audit audit = sample();
  audit.shown = audit::Severity::error;
  EXPECT_EQ(dot_of(audit).find("#fbe7a2"), std::string::npos);  // the warning's color
  for (audit::Finding& one : audit.findings) one.severity = audit::Severity::warning;
  EXPECT_EQ(dot_of(audit).find("label="), std::string::npos);
}

TEST(AuditDot, AnObjectThatIsBothIsDrawnOnceAsAnExecutable) {
  audit::Finding libc = unmet("/lib/libc.so.6", "", {{"/lib/j", false}});
  const std::string text =
      dot_of(audit_of({unmet("/bin/a", "", {{"/lib/libc.so.6", false}, {"/lib/j", false}}), libc}));
  EXPECT_EQ(count(text, "tooltip=\"/lib/libc.so.6\""), 1U);
  EXPECT_NE(text.find("tooltip=\"/lib/libc.so.6\" shape=box"), std::string::npos) << text;
}

TEST(AuditDot, IsRenderedByGraphviz) {
  if (!support::have_program("dot")) GTEST_SKIP() << "no dot";
  const auto render = [](const std::string& text) { return read_by({"dot", "-Tsvg"}, text); };
  const auto expect_drawn = [&](const Audit& audit, std::size_t nodes, std::size_t edges) {
    const auto outcome = render(dot_of(audit));
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.err, "");
    EXPECT_EQ(count(outcome.out, "class=\"node\""), nodes);
    EXPECT_EQ(count(outcome.out, "class=\"edge\""), edges);
  };
  expect_drawn(sample(), 6, 5);
  expect_drawn(audit_of({}), 0, 0);
  // Programs 10 to 21; programs to libraries, each of these to the last one with and without dlopen; and the rest.
  expect_drawn(many(90), 12 + 3 + 1, 12 + 2 * 2 + 1);
  expect_drawn(hostile(), 2, 1);
  EXPECT_NE(render("digraph { a [label=\"x }").status, 0);
}

TEST(AuditDot, HostileNamesAreDrawnAsTheyAreEscaped) {
  if (!support::have_program("dot")) GTEST_SKIP() << "no dot";
  // What is behind the last slash, as text in the picture: XML's own characters are entities there.
  audit::Finding odd = unmet("/opt/a\n\x1b\"'\\N\\l{0} &lt;<b>\xc3\xa9", "", {{"/lib/b\xff", false}});
  const auto outcome = read_by({"dot", "-Tsvg"}, dot_of(audit_of({odd})));
  EXPECT_EQ(outcome.err, "");
  EXPECT_NE(outcome.out.find(">a\\x0a\\x1b&quot;&#39;\\x5cN\\x5cl{0} &amp;lt;&lt;b&gt;\xc3\xa9</text>"),
            std::string::npos)
      << outcome.out;
  EXPECT_NE(outcome.out.find(">b\\xff</text>"), std::string::npos);
}

}  // namespace
}  // namespace revdep::report
