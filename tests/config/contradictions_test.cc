// Rules that repeat or contradict an earlier one, in the same file or another.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "config/rules.h"

namespace revdep::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Outcome {
  Rules rules;
  std::vector<std::string> errors;
};

Outcome parse(std::string_view a, std::string_view b = "") {
  Outcome outcome;
  for (const auto& [name, text] : {std::pair("a.conf", a), std::pair("b.conf", b)}) {
    for (const base::Error& error : parse_rules(text, name, outcome.rules)) outcome.errors.push_back(error.to_string());
  }
  return outcome;
}

std::vector<std::string> lines(const std::vector<Mark>& marks) {
  std::vector<std::string> text;
  text.reserve(marks.size());
  for (const Mark& mark : marks) text.push_back(mark.file + ':' + std::to_string(mark.line) + ' ' + format_rule(mark));
  return text;
}

TEST(Contradictions, OfTwoEqualMarksTheFirstIsLeft) {
  const Outcome outcome = parse("mark /x em\n\nmark /y m\nmark \"/x\" me", "mark /y m\n");
  EXPECT_THAT(lines(outcome.rules.marks), ElementsAre("a.conf:1 mark /x em", "a.conf:3 mark /y m"));
  EXPECT_THAT(outcome.errors, ElementsAre("cannot use a.conf:4: the same stands at a.conf:1",
                                          "cannot use b.conf:1: the same stands at a.conf:3"));
}

TEST(Contradictions, OfTwoMarksThatDifferTheFirstHolds) {
  const Outcome outcome = parse("mark /x em\nmark \"/a b*\" m nonroot\n", "mark /x pem\nmark \"/a b*\" m\n");
  EXPECT_THAT(lines(outcome.rules.marks), ElementsAre("a.conf:1 mark /x em", "a.conf:2 mark \"/a b*\" m nonroot"));
  EXPECT_THAT(outcome.errors,
              ElementsAre("cannot use b.conf:1: it contradicts a.conf:1, which holds: mark /x em",
                          "cannot use b.conf:2: it contradicts a.conf:2, which holds: mark \"/a b*\" m nonroot"));
}

TEST(Contradictions, MarkAndIgnoreOfTheSameTextExcludeEachOther) {
  const Outcome outcome = parse("mark /x em\nignore /x\nignore /y\nmark /y m\nignore /y\n");
  EXPECT_THAT(lines(outcome.rules.marks), ElementsAre("a.conf:1 mark /x em"));
  EXPECT_EQ(outcome.rules.ignores.size(), 1U);
  EXPECT_THAT(outcome.errors, ElementsAre("cannot use a.conf:2: it contradicts a.conf:1, which holds: mark /x em",
                                          "cannot use a.conf:4: it contradicts a.conf:3, which holds: ignore /y",
                                          "cannot use a.conf:5: the same stands at a.conf:3"));
}

TEST(Contradictions, RequirementsOfOneLibraryAddUp) {
  const Outcome outcome = parse("require /x m\nrequire /x r\nrequire /x m\nmark /x em\n");
  EXPECT_EQ(outcome.rules.requirements.size(), 2U);
  EXPECT_THAT(outcome.errors, ElementsAre("cannot use a.conf:3: the same stands at a.conf:1"));
}

TEST(Contradictions, ARuleOfAnyKindThatAnEarlierFileHasIsNamed) {
  const std::string_view text = "mark /m em\nrequire /l m\nignore /i\nload /x -> /y\n";
  EXPECT_THAT(parse(text, text).errors, ElementsAre("cannot use b.conf:1: the same stands at a.conf:1",
                                                    "cannot use b.conf:2: the same stands at a.conf:2",
                                                    "cannot use b.conf:3: the same stands at a.conf:3",
                                                    "cannot use b.conf:4: the same stands at a.conf:4"));
}

TEST(Contradictions, DifferentTextsAreNone) {
  const Outcome outcome = parse("mark /x em\nmark /* m\nignore /?\nload /x -> /y\nrequire /y m\n");
  EXPECT_THAT(outcome.errors, IsEmpty());
  EXPECT_EQ(outcome.rules.marks.size(), 2U);
}

TEST(Contradictions, EveryRuleRemembersWhereItStandsAndMarksAndIgnoresTheirOrder) {
  const Rules rules = parse("require /l m\nignore /i\nmark /m em\n", "load /x -> /y\nmark /n em\nignore /j\n").rules;
  pax::Relaxations m;
  m.ask(pax::Letter::M);
  const auto em = pax::parse_letters("em").value();
  EXPECT_THAT(rules.requirements, ElementsAre(Require{"/l", m, "a.conf", 1}));
  EXPECT_THAT(rules.ignores, ElementsAre(Ignore{"/i", 0, "a.conf", 2}, Ignore{"/j", 3, "b.conf", 3}));
  EXPECT_THAT(rules.marks, ElementsAre(Mark{"/m", em, false, 1, "a.conf", 3}, Mark{"/n", em, false, 2, "b.conf", 2}));
  EXPECT_THAT(rules.loads, ElementsAre(Load{"/x", "/y", "b.conf", 1}));
}

}  // namespace
}  // namespace revdep::config
