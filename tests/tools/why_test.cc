// --why: the askers, the chains and the runs behind a file's letters.
#include <gtest/gtest.h>
#include <unistd.h>

#include "tools/marking_root.h"

namespace revdep::tool {
namespace {

using elf_builder::library;
using elf_builder::program;
using nlohmann::json;

class Why : public MarkingTest {};

TEST_F(Why, NamesTheChainToTheAskerAndTheRun) {
  migrate();
  const auto outcome = root_.run({"--why", "/opt/c"});
  EXPECT_EQ(without_times(outcome.out),
            tabs("/opt/c [app/one-1] ( -em-- )\n"
                 "|e (filler: keeps EMUTRAMP off), set by run 1 of TIME\n"
                 "|m, set by run 1 of TIME\n"
                 "||asked for by /usr/lib64/libjit.so.1, loaded for /usr/lib64/libmid.so.1\n"));
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.status, 0);
}

TEST_F(Why, NamesEachAsker) {
  root_.add("/usr/lib64/libpic.so.1", library("libpic.so.1"));
  root_.set_flags("/usr/lib64/libpic.so.1", "mr");
  root_.add("/usr/bin/both", program({"libjit.so.1", "libpic.so.1"}));
  migrate();
  EXPECT_EQ(without_times(root_.run({"--why", "/usr/bin/both"}).out),
            tabs("/usr/bin/both [app/one-1] ( -emr- )\n"
                 "|e (filler: keeps EMUTRAMP off), set by run 1 of TIME\n"
                 "|m, set by run 1 of TIME\n"
                 "||asked for by /usr/lib64/libjit.so.1\n"
                 "||asked for by /usr/lib64/libpic.so.1\n"
                 "|r, set by run 1 of TIME\n"
                 "||asked for by /usr/lib64/libpic.so.1\n"));
}

TEST_F(Why, ShowsWhatIsAskedForAndNotSet) {
  EXPECT_EQ(root_.run({"--why", "/usr/bin/a"}).out,
            tabs("/usr/bin/a [app/one-1] ( **** )\n|m (not set)\n||asked for by /usr/lib64/libjit.so.1\n"));
}

TEST_F(Why, ShowsWhatNobodyKnowsAReasonFor) {
  root_.set_flags("/usr/bin/plain", "er");
  EXPECT_EQ(root_.run({"--why", "/usr/bin/plain"}).out, tabs("/usr/bin/plain [app/one-1] ( -e-r- )\n"
                                                             "|e, no library asks for it and no run of ours set it\n"
                                                             "|r, no library asks for it and no run of ours set it\n"));
}

TEST_F(Why, JsonSaysTheSame) {
  migrate();
  json document = json::parse(root_.run({"--why", "/opt/c", "--format=json"}).out);
  for (json& letter : document["letters"]) {
    EXPECT_EQ(letter["run"]["id"], 1);
    EXPECT_EQ(letter["run"]["undoes"], nullptr);
    letter.erase("run");
  }
  EXPECT_EQ(document, json::parse(R"({"schema": 1, "kind": "why", "path": "/opt/c", "package": "app/one-1",
    "marking": "-em--", "letters": [
    {"letter": "e", "set": true, "asked": false, "filler": true, "chains": []},
    {"letter": "m", "set": true, "asked": true, "filler": false,
     "chains": [["/usr/lib64/libmid.so.1", "/usr/lib64/libjit.so.1"]]}]})"));
}

TEST_F(Why, TellsTheRunsOfDifferentLettersApart) {
  migrate();
  root_.set_flags(jit, "mr");
  migrate();
  const json document = json::parse(root_.run({"--why", "/usr/bin/a", "--format=json"}).out);
  ASSERT_EQ(document["letters"].size(), 3U);
  EXPECT_EQ(document["letters"][1]["letter"], "m");
  EXPECT_EQ(document["letters"][1]["run"]["id"], 1);
  EXPECT_EQ(document["letters"][2]["letter"], "r");
  EXPECT_EQ(document["letters"][2]["run"]["id"], 2);
}

TEST_F(Why, NamesALibraryThatIsNotFollowed) {
  ASSERT_EQ(::chown(root_.file(jit).c_str(), 65534, 0), 0);
  const auto outcome = root_.run({"--why", "/usr/bin/a"});
  EXPECT_EQ(outcome.out, "/usr/bin/a [app/one-1] ( **** )\n");
  EXPECT_EQ(outcome.err, "cannot follow the marking of " + root_.file(jit) + ": it belongs to user 65534\n");
  EXPECT_EQ(outcome.status, 1);
}

TEST_F(Why, WorksForAnOrdinaryUserAndChangesNothing) {
  if (!root_.is_reachable_by_nobody()) GTEST_SKIP() << "the program cannot be run by others";
  migrate();
  const std::string before = root_.picture();
  const auto theirs = root_.run_as_nobody({"--why", "/opt/c"});
  EXPECT_NE(theirs.out.find("set by run 1"), std::string::npos);
  EXPECT_EQ(theirs.out, root_.run({"--why", "/opt/c"}).out);
  EXPECT_EQ(theirs.status, 0);
  EXPECT_EQ(root_.picture(), before);
}

}  // namespace
}  // namespace revdep::tool
