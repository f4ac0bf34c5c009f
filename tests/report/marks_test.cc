#include "report/marks.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "report/capture.h"

namespace revdep::report {
namespace {

std::string summary(const std::vector<Mark>& marks) {
  Capture capture;
  write_marks_text(capture.output(), marks);
  return capture.text();
}

Mark with(Outcome outcome) { return {"/x", {}, {}, outcome, {}}; }

TEST(MarksText, CountsEachOutcome) {
  EXPECT_EQ(summary({}), "0 marked, 0 already right, 0 refused to change, 0 failed\n");
  EXPECT_EQ(summary({with(Outcome::marked), with(Outcome::right), with(Outcome::right), with(Outcome::refused),
                     with(Outcome::failed)}),
            "1 marked, 2 already right, 1 refused to change, 1 failed\n");
}

TEST(MarksText, NamesDeclinedOnesOnlyIfThereAreAny) {
  EXPECT_EQ(summary({with(Outcome::declined)}),
            "0 marked, 0 already right, 0 refused to change, 0 failed, 1 declined\n");
}

TEST(MarksJson, HasBeforeAfterOutcomeAndReason) {
  Capture capture;
  write_marks_json(capture.output(), {{"/x", std::nullopt, letters("em"), Outcome::marked, {}},
                                      {"/y", letters("M"), letters("M"), Outcome::refused, "because"}});
  EXPECT_EQ(nlohmann::json::parse(capture.text()), nlohmann::json::parse(R"({"schema": 1, "kind": "mark", "edits": [
    {"path": "/x", "before": null, "after": "-em--", "outcome": "marked"},
    {"path": "/y", "before": "--M--", "after": "--M--", "outcome": "refused", "reason": "because"}]})"));
}

}  // namespace
}  // namespace revdep::report
