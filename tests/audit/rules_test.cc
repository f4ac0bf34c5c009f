// The rules that only pass on what was gathered, and the table of all rules.
#include "audit/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "audit/cases.h"

namespace revdep::audit {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

TEST(RuleUnresolved, IsOneFindingForEachSoname) {
  expect_findings(check_unresolved, {
                                        {"two",
                                         "",
                                         library({},
                                                 [](Subject& subject) {
                                                   subject.unresolved = {"liba.so.1", "b\n.so"};
                                                 }),
                                         {"note: it needs liba.so.1, which has no provider -> none",
                                          R"(note: it needs b\x0a.so, which has no provider -> none)"}},
                                        {"none", "", library(), {}},
                                    });
  const auto findings =
      find(check_unresolved, under(""), program({}, [](Subject& subject) { subject.unresolved = {"liba.so.1"}; }));
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].cause, "liba.so.1 has no provider");
}

TEST(RuleUnreadable, IsANoteForLackOfPrivilegeOnly) {
  const auto unreadable = [](bool lacks_privilege) {
    return program({}, [=](Subject& subject) {
      subject.unreadable = "cannot read /usr/bin/program: why";
      subject.lacks_privilege = lacks_privilege;
    });
  };
  expect_findings(check_unreadable,
                  {
                      {"privilege", "", unreadable(true), {"note: cannot read /usr/bin/program: why -> none"}},
                      {"damage", "", unreadable(false), {"warning: cannot read /usr/bin/program: why -> none"}},
                      {"read", "", program({}, [](Subject& subject) { subject.lacks_privilege = true; }), {}},
                  });
  EXPECT_EQ(find(check_unreadable, under(""), unreadable(true)).at(0).cause, "cannot be read without privilege");
}

TEST(RuleVdbDisagrees, IsOneFindingForEachDisagreement) {
  expect_findings(check_vdb_disagrees, {
                                           {"two",
                                            "",
                                            library({},
                                                    [](Subject& subject) {
                                                      subject.disagreements = {"a", "b"};
                                                    }),
                                            {"note: a -> none", "note: b -> none"}},
                                           {"none", "", library(), {}},
                                       });
}

TEST(Check, NothingElseIsSaidOfWhatCouldNotBeRead) {
  Subject subject = program(xattr_only("?"), [](Subject& made) {
    ask(made, "m");
    made.unreadable = "why";
    made.unresolved = {"liba.so.1"};
  });
  std::vector<Finding> findings;
  check(under(""), subject, findings);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].rule, Rule::unreadable);
}

// Every rule has a subject that it fires on, under its own id.
TEST(Check, RunsEveryRule) {
  std::set<Rule> seen;
  const auto run = [&](Subject subject) {
    const Context context = under("");
    subject.verdict = pax::judge(subject.stores, context.kernel);
    std::vector<Finding> findings;
    check(context, subject, findings);
    for (const Finding& finding : findings) seen.insert(finding.rule);
  };
  run(program(xattr_only("p")));
  run(program(xattr_only("M?"), [](Subject& subject) { ask(subject, "m"); }));
  run(program(xattr_only("eM"), [](Subject& subject) { ask(subject, "m"); }));
  run(program(xattr_only("m"), [](Subject& subject) { subject.stale = asking("m"); }));
  run(program(xattr_only("em")));
  run(program({}, [](Subject& subject) { subject.unreadable = "why"; }));
  run(program({}, [](Subject& subject) {
    subject.holds_xattrs = false;
    subject.hazards.text_relocations = true;
    subject.unresolved = {"liba.so.1"};
    subject.disagreements = {"why"};
    subject.stores.ei_pax = 1;
  }));
  run(library(both("em", 0x2800), [](Subject& subject) { subject.untrusted = "why"; }));
  EXPECT_THAT(seen, ElementsAre(Rule::refused, Rule::void_marking, Rule::unmet_requirement, Rule::conflict,
                                Rule::untrusted_asker, Rule::unjustified, Rule::emutramp_by_accident, Rule::stale_claim,
                                Rule::needs_marking, Rule::store_mismatch, Rule::no_xattr, Rule::unresolved,
                                Rule::unreadable, Rule::legacy_ei_pax, Rule::vdb_disagrees));
}

TEST(Check, MendsCarryTheOptionsOfTheRun) {
  Context context = under("");
  context.options = {"--root", "/mnt"};
  EXPECT_EQ(spell_mend(find(check_refused, context, program(xattr_only("p"))).at(0).mend),
            "revdep-pax --root /mnt --set pem FILE");
}

}  // namespace
}  // namespace revdep::audit
