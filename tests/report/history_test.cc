#include "report/history.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "report/capture.h"

namespace revdep::report {
namespace {

using migrate::EditState;
using pax::Letter;
using pax::Setting;

// 2023-11-14T22:13:20Z and an hour later.
constexpr std::int64_t noon = 1700000000, later = noon + 3600;

migrate::Run first() { return {1, noon, 1000, "revdep-pax -r -m -y", std::nullopt}; }
migrate::Run second() { return {2, later, 0, "revdep-pax --undo\n", 1}; }

std::vector<RunReport> history() {
  migrate::JournalledEdit edit;
  edit.run = 1;
  edit.state = EditState::undone;
  edit.file = {"/usr/bin/x", 10, "abc"};
  edit.names = {"/usr/bin/x", "/usr/bin/link"};
  edit.before = {.xattr = {}, .header = 0x2800, .ei_pax = 0};
  edit.after = {.xattr = "Em", .header = 0x1a00, .ei_pax = 0};
  edit.reasons = {{Letter::E, {"/lib/f"}}, {Letter::M, {"/lib/a", "/lib/b\n"}}};
  migrate::JournalledEdit failed = edit;
  failed.state = EditState::failed;
  failed.names = {"/usr/bin/\xff"};
  failed.reasons = {};
  return {{second(), {}}, {first(), {edit, failed}}};
}

TEST(HistoryText, IsOneLineARun) {
  Capture capture;
  write_history_text(capture.output(), history(), false);
  EXPECT_EQ(capture.text(),
            "2\t2023-11-14T23:13:20Z\t0 files\trevdep-pax --undo\\x0a\t(undoes 1)\n"
            "1\t2023-11-14T22:13:20Z\t2 files\trevdep-pax -r -m -y\n");
}

TEST(HistoryText, VerboseHasEachEditWithItsReasons) {
  Capture capture;
  write_history_text(capture.output(), {history()[1]}, true);
  EXPECT_EQ(capture.text(),
            "1\t2023-11-14T22:13:20Z\t2 files\trevdep-pax -r -m -y\n"
            "\t/usr/bin/x: xattr none -> Em, PT_PAX -e--- -> -Em-- (undone)\n"
            "\t\tE: /lib/f\n"
            "\t\tm: /lib/a /lib/b\\x0a\n"
            "\t/usr/bin/\xff: xattr none -> Em, PT_PAX -e--- -> -Em-- (failed)\n");
}

TEST(HistoryJson, HasEverythingThatTheJournalKnows) {
  Capture capture;
  write_history_json(capture.output(), history());
  EXPECT_EQ(nlohmann::json::parse(capture.text()), nlohmann::json::parse(R"({"schema": 1, "kind": "history", "runs": [
    {"id": 2, "time": "2023-11-14T23:13:20Z", "uid": 0, "command": "revdep-pax --undo\n", "undoes": 1, "edits": []},
    {"id": 1, "time": "2023-11-14T22:13:20Z", "uid": 1000, "command": "revdep-pax -r -m -y", "undoes": null, "edits": [
      {"path": "/usr/bin/x", "sha256": "abc", "state": "undone",
       "before": {"xattr": null, "header": 10240, "ei": 0}, "after": {"xattr": "Em", "header": 6656, "ei": 0},
       "reasons": [{"letter": "E", "askers": ["/lib/f"]}, {"letter": "m", "askers": ["/lib/a", "/lib/b\n"]}]},
      {"path": "/usr/bin/\\xff", "path_bytes": "L3Vzci9iaW4v/w==", "sha256": "abc", "state": "failed",
       "before": {"xattr": null, "header": 10240, "ei": 0}, "after": {"xattr": "Em", "header": 6656, "ei": 0},
       "reasons": []}]}]})"));
}

Why why() {
  WhyLetter filler{Letter::E, Setting::off, false, true, {}, first()};
  WhyLetter asked{Letter::M, Setting::off, true, false, {{"/lib/mid", "/lib/jit"}, {}}, first()};
  WhyLetter missing{Letter::R, Setting::unset, true, false, {{"/lib/pic"}}, std::nullopt};
  WhyLetter own{Letter::P, Setting::on, false, false, {}, std::nullopt};
  return {"/usr/bin/x", "app/one-1", letters("Pem"), {own, filler, asked, missing}};
}

TEST(WhyText, HasEachLetterWithItsAskersChainAndRun) {
  Capture capture;
  write_why_text(capture.output(), why());
  EXPECT_EQ(capture.text(),
            "/usr/bin/x [app/one-1] ( Pem-- )\n"
            "\tP, no library asks for it and no run of ours set it\n"
            "\te (filler: keeps EMUTRAMP off), set by run 1 of 2023-11-14T22:13:20Z\n"
            "\tm, set by run 1 of 2023-11-14T22:13:20Z\n"
            "\t\tasked for by /lib/jit, loaded for /lib/mid\n"
            "\t\tasked for by a library that is not loaded any more\n"
            "\tr (not set)\n"
            "\t\tasked for by /lib/pic\n");
}

TEST(WhyText, OfAFileWithoutMarkingIsOneLine) {
  Capture capture;
  write_why_text(capture.output(), {"/x\n", {}, std::nullopt, {}});
  EXPECT_EQ(capture.text(), "/x\\x0a ( **** )\n");
}

TEST(WhyJson, SaysTheSameAsTheText) {
  Capture capture;
  write_why_json(capture.output(), why());
  EXPECT_EQ(nlohmann::json::parse(capture.text()), nlohmann::json::parse(R"({"schema": 1, "kind": "why",
    "path": "/usr/bin/x", "package": "app/one-1", "marking": "Pem--", "letters": [
    {"letter": "P", "set": true, "asked": false, "filler": false, "chains": [], "run": null},
    {"letter": "e", "set": true, "asked": false, "filler": true, "chains": [],
     "run": {"id": 1, "time": "2023-11-14T22:13:20Z", "uid": 1000, "command": "revdep-pax -r -m -y", "undoes": null}},
    {"letter": "m", "set": true, "asked": true, "filler": false, "chains": [["/lib/mid", "/lib/jit"], []],
     "run": {"id": 1, "time": "2023-11-14T22:13:20Z", "uid": 1000, "command": "revdep-pax -r -m -y", "undoes": null}},
    {"letter": "r", "set": false, "asked": true, "filler": false, "chains": [["/lib/pic"]], "run": null}]})"));
}

}  // namespace
}  // namespace revdep::report
