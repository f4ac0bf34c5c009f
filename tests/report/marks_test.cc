#include "report/marks.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "report/capture.h"

namespace revdep::report {
namespace {

pax::Stores stores(std::optional<std::string> xattr, std::optional<std::uint32_t> header = {}) {
  return {.xattr = std::move(xattr), .header = header, .ei_pax = 0};
}

std::string summary(const std::vector<Outcome>& outcomes) {
  std::vector<Mark> marks;
  for (const Outcome outcome : outcomes) marks.push_back({"/x", {}, {}, {}, outcome, {}, {}});
  Capture capture;
  write_marks_text(capture.output(), marks);
  return capture.text();
}

TEST(MarksText, CountsEachOutcome) {
  EXPECT_EQ(summary({}), "0 marked, 0 already right, 0 withdrawn, 0 refused to change, 0 failed\n");
  EXPECT_EQ(summary({Outcome::marked, Outcome::right, Outcome::right, Outcome::withdrawn, Outcome::withdrawn,
                     Outcome::withdrawn, Outcome::refused, Outcome::failed}),
            "1 marked, 2 already right, 3 withdrawn, 1 refused to change, 1 failed\n");
}

TEST(MarksText, NamesDeclinedOnesOnlyIfThereAreAny) {
  EXPECT_EQ(summary({Outcome::declined}),
            "0 marked, 0 already right, 0 withdrawn, 0 refused to change, 0 failed, 1 declined\n");
}

TEST(MarksText, WhatIsOnlyPlannedIsStillToChange) {
  EXPECT_EQ(summary({Outcome::pending, Outcome::right, Outcome::pending, Outcome::refused}),
            "2 to change, 1 already right, 1 refused to change, 0 failed\n");
}

std::string pending(const Mark& mark) {
  Capture capture;
  write_pending_text(capture.output(), mark);
  return capture.text();
}

TEST(PendingText, IsOneLineForEachStoreThatWouldChange) {
  EXPECT_EQ(pending({"/x", "app/one-1", stores({}), stores("em"), Outcome::pending, {}, "m: /lib/a"}),
            "/x [app/one-1]: user.pax.flags none -> em  (m: /lib/a)\n");
  EXPECT_EQ(pending({"/x\n", {}, stores({}, 0x2800), stores("em", 0x2a00), Outcome::pending, {}, {}}),
            "/x\\x0a: user.pax.flags none -> em\n/x\\x0a: PT_PAX -e--- -> -em--\n");
  EXPECT_EQ(pending({"/x", {}, stores("em", 0x30), stores("em", 0x2200), Outcome::pending, {}, {}}),
            "/x: PT_PAX malformed 0x30 -> -em--\n");
  EXPECT_EQ(pending({"/x", {}, stores(""), stores({}), Outcome::pending, {}, {}}),
            "/x: user.pax.flags empty -> none\n");
}

TEST(MarksJson, HasMarkingsStoresOutcomeAndReason) {
  Capture capture;
  write_marks_json(capture.output(),
                   {{"/x", "app/one-1", stores({}), stores("em"), Outcome::marked, {}, "m: /lib/a"},
                    {"/y", {}, stores("M", 0x100), stores("M", 0x100), Outcome::refused, "because", {}},
                    {"/z", {}, stores("em"), stores({}), Outcome::withdrawn, {}, {}},
                    {"/p", {}, stores("-m"), stores("m"), Outcome::pending, {}, {}}});
  EXPECT_EQ(nlohmann::json::parse(capture.text()), nlohmann::json::parse(R"({"schema": 1, "kind": "mark", "edits": [
    {"path": "/x", "package": "app/one-1", "before": null, "after": "-em--", "outcome": "marked", "why": "m: /lib/a",
     "stores": {"before": {"xattr": null, "header": null, "ei": 0}, "after": {"xattr": "em", "header": null, "ei": 0}}},
    {"path": "/y", "before": "--M--", "after": "--M--", "outcome": "refused", "reason": "because",
     "stores": {"before": {"xattr": "M", "header": 256, "ei": 0}, "after": {"xattr": "M", "header": 256, "ei": 0}}},
    {"path": "/z", "before": "-em--", "after": null, "outcome": "withdrawn",
     "stores": {"before": {"xattr": "em", "header": null, "ei": 0}, "after": {"xattr": null, "header": null, "ei": 0}}},
    {"path": "/p", "before": null, "after": "--m--", "outcome": "pending",
     "stores": {"before": {"xattr": "-m", "header": null, "ei": 0}, "after": {"xattr": "m", "header": null, "ei": 0}}}
    ]})"));
}

}  // namespace
}  // namespace revdep::report
