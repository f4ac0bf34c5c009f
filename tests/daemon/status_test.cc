// The status as JSON, as text and as metrics.
#include "revdep-paxd/status.h"

#include <csignal>
#include <nlohmann/json.hpp>

#include "daemon/daemon_fixture.h"
#include "revdep-paxd/metrics.h"
#include "support/child.h"

namespace revdep::daemon {
namespace {

using testing::HasSubstr;
using Json = nlohmann::json;

Status sample() {
  Status status;
  status.pid = 42;
  status.started = 1700000000;
  status.idle = true;
  status.database = true;
  status.rules = 3;
  status.kernel_source = "assumed";
  LastTurn last;
  last.time = 1700003600;
  last.duration = std::chrono::microseconds(12'345);
  last.packages = 2;
  last.objects = 3502;
  last.outcomes = {.marked = 4, .withdrawn = 1, .refused = 2, .failed = 1};
  last.pending = 1;
  status.last = last;
  status.turns = 7;
  status.packages = 506;
  status.outcomes = {.marked = 80, .withdrawn = 5, .refused = 2, .failed = 3};
  return status;
}

TEST(StatusJson, HasEveryNumberByItsName) {
  const Json json = Json::parse(format_status_json(sample()));
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["kind"], "status");
  EXPECT_EQ(json["running"], true);
  EXPECT_EQ(json["pid"], 42);
  EXPECT_EQ(json["started"], "2023-11-14T22:13:20Z");
  EXPECT_EQ(json["idle"], true);
  EXPECT_EQ(json["database"], true);
  EXPECT_EQ(json["polling"], false);
  EXPECT_EQ(json["rules"], 3);
  EXPECT_EQ(json["turns"], 7);
  EXPECT_EQ(json["last_turn"], (Json{{"time", "2023-11-14T23:13:20Z"},
                                     {"duration_ms", 12.345},
                                     {"full", false},
                                     {"packages", 2},
                                     {"objects", 3502},
                                     {"marked", 4},
                                     {"withdrawn", 1},
                                     {"refused", 2},
                                     {"failed", 1},
                                     {"pending", 1},
                                     {"complete", true}}));
  EXPECT_EQ(json["totals"], (Json{{"packages", 506}, {"marked", 80}, {"withdrawn", 5}, {"refused", 2}, {"failed", 3}}));
}

TEST(StatusText, IsThreeLines) {
  EXPECT_EQ(format_status_text(format_status_json(sample()), "status.json").value(),
            "revdep-paxd runs as process 42 since 2023-11-14T22:13:20Z, 3 rules in force: idle\n"
            "last turn: 2023-11-14T23:13:20Z, 12.3 ms, 2 packages, 3502 objects known: 4 marked, 1 withdrawn, "
            "2 refused to change, 1 failed, 1 pending\n"
            "since the start: 7 turns, 506 packages: 80 marked, 5 withdrawn, 2 refused to change, 3 failed\n");
}

TEST(StatusText, SaysWhatIsWaitedFor) {
  Status status = sample();
  status.last->complete = false;
  status.idle = false;
  status.polling = true;
  EXPECT_THAT(format_status_text(format_status_json(status), "").value(),
              HasSubstr("has changes to take up; not everything can be watched: looks every 30 seconds\n"));
  EXPECT_THAT(format_status_text(format_status_json(status), "").value(),
              HasSubstr("1 pending; not complete, to be tried again\n"));
  status.database = false;
  status.last.reset();
  EXPECT_THAT(format_status_text(format_status_json(status), "").value(),
              HasSubstr("waits for the package database\nno turn yet\n"));
}

TEST(StatusText, WhatIsNoStatusIsRefused) {
  for (const char* const text : {"", "{", "[]", "null", "7", R"({"kind": "audit"})", R"({"kind": "status"})",
                                 R"({"kind": "status", "pid": "x"})"}) {
    const auto result = format_status_text(text, "/run/x");
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().to_string(), "cannot read /run/x: it is no status of a revdep-paxd");
  }
}

TEST(StatusText, EscapesWhatSomeoneElseWrote) {
  Json json = Json::parse(format_status_json(sample()));
  json["started"] = "\x1b[2J";
  EXPECT_THAT(format_status_text(json.dump(), "").value(), HasSubstr("since \\x1b[2J,"));
}

support::Outcome promtool(const std::string& metrics) {
  const support::TempDir directory;
  support::write_file(directory / "metrics", metrics);
  return support::run({"sh", "-c", "exec promtool check metrics <\"$0\"", (directory / "metrics").string()});
}

TEST(Metrics, CountTheSame) {
  const std::string metrics = format_metrics(sample());
  for (const char* const line :
       {"revdep_paxd_turns_total 7\n", "revdep_paxd_packages_total 506\n",
        "revdep_paxd_marks_total{outcome=\"marked\"} 80\n", "revdep_paxd_marks_total{outcome=\"withdrawn\"} 5\n",
        "revdep_paxd_marks_total{outcome=\"refused\"} 2\n", "revdep_paxd_marks_total{outcome=\"failed\"} 3\n",
        "revdep_paxd_last_turn_timestamp_seconds 1700003600\n", "revdep_paxd_last_turn_duration_seconds 0.012345\n",
        "revdep_paxd_objects 3502\n", "revdep_paxd_pending 1\n", "revdep_paxd_polling 0\n"}) {
    EXPECT_THAT(metrics, HasSubstr(std::string("\n") + line)) << line;
  }
}

TEST(Metrics, PassPromtool) {
  if (!support::have_program("promtool")) GTEST_SKIP() << "no promtool";
  for (const Status& status : {sample(), Status{}}) {
    const auto outcome = promtool(format_metrics(status));
    EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
    EXPECT_EQ(outcome.out + outcome.err, "");
  }
  EXPECT_NE(promtool(format_metrics(sample()) + "revdep_paxd_pending{x=\"} 1\n").status, 0);
}

class StatusCommand : public DaemonTest {};

TEST_F(StatusCommand, TellsWhatTheDaemonPublished) {
  DaemonProcess daemon(root(), {"--metrics-file=" + file("/daemon.prom")});
  const Json published = daemon.wait_for_turn();
  const auto json = run_program(root(), {"--status", "--format=json"});
  EXPECT_EQ(json.status, 0);
  EXPECT_EQ(Json::parse(json.out), published);
  const auto text = run_program(root(), {"--status"});
  EXPECT_EQ(text.status, 0);
  EXPECT_THAT(text.out, HasSubstr("process " + std::to_string(daemon.pid()) + " since "));
  EXPECT_THAT(support::read_file(file("/daemon.prom")),
              HasSubstr("\nrevdep_paxd_turns_total " + published["turns"].dump() + "\n"));
}

TEST_F(StatusCommand, SaysThatNoneRuns) {
  const auto text = run_program(root(), {"--status"});
  EXPECT_EQ(text.status, 1);
  EXPECT_EQ(text.out, "no revdep-paxd runs on " + root() + "\n");
  const auto json = run_program(root(), {"--status", "--format=json"});
  EXPECT_EQ(json.status, 1);
  EXPECT_EQ(Json::parse(json.out), (Json{{"schema", 1}, {"kind", "status"}, {"running", false}}));
}

TEST_F(StatusCommand, HasTheKernelOfTheAudit) {
  DaemonProcess daemon(root(), {"--kernel=softmode=yes,header=no"});
  const Json published = daemon.wait_for_turn();
  const Json audit = Json::parse(run_program(root(), {"-a", "--format=json", "--kernel=softmode=yes,header=no"}).out);
  EXPECT_EQ(published["kernel"], audit["kernel"]);
}

TEST_F(StatusCommand, IsForEveryUser) {
  const std::vector<std::string> ask = {"setpriv",  "--reuid=65534", "--regid=65534", "--clear-groups",
                                        REVDEP_PAX, "--root",        root(),          "--status"};
  if (support::run({ask[0], ask[1], ask[2], ask[3], REVDEP_PAX, "--version"}).status != 0)
    GTEST_SKIP() << "not reachable";
  DaemonProcess daemon(root());
  daemon.wait_for_turn();
  EXPECT_EQ(support::run(ask).status, 0);
  daemon.send(SIGKILL);
  daemon.wait();
  EXPECT_EQ(support::run(ask).status, 1) << "what a killed one left behind";
}

}  // namespace
}  // namespace revdep::daemon
