// --history: what runs changed, from the journal that they wrote.
#include <gtest/gtest.h>

#include "tools/marking_root.h"

namespace revdep::tool {
namespace {

using nlohmann::json;

class History : public MarkingTest {
 protected:
  // A run's line, without its time.
  std::string run_line(int id, const std::string& files, const std::string& arguments) const {
    return std::to_string(id) + "\tTIME\t" + files + "\trevdep-pax --root " + root_.directory() + " " + arguments +
           "\n";
  }
};

TEST_F(History, OfASystemThatWasNeverChangedIsEmpty) {
  const std::string before = root_.picture();
  const auto outcome = root_.run({"--history"});
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(json::parse(root_.run({"--history", "--format=json"}).out),
            json::parse(R"({"schema": 1, "kind": "history", "runs": []})"));
  EXPECT_EQ(root_.picture(), before);
}

TEST_F(History, IsOneLineARunNewestFirst) {
  migrate();
  root_.run({"--set", "er", "/usr/bin/plain", "-y"});
  root_.run({"--undo=1", "-y"});
  EXPECT_EQ(without_times(root_.run({"--history"}).out), run_line(3, "3 files", "--undo=1 -y\t(undoes 1)") +
                                                             run_line(2, "1 file", "--set er /usr/bin/plain -y") +
                                                             run_line(1, "3 files", "-r -m -y"));
}

TEST_F(History, ARunThatChangedNothingIsNoRun) {
  migrate();
  migrate();
  EXPECT_EQ(without_times(root_.run({"--history"}).out), run_line(1, "3 files", "-r -m -y"));
}

TEST_F(History, VerboseShowsEachEditWithItsReasons) {
  root_.replace("/usr/bin/a", with_header(0x2800));
  migrate();
  const std::string reason = "\t\tm: /usr/lib64/libjit.so.1\n";
  EXPECT_EQ(without_times(root_.run({"--history", "-v"}).out),
            run_line(1, "3 files", "-r -m -y") +  //
                "\t/opt/c: xattr none -> em, PT_PAX none -> none (done)\n" + reason +
                "\t/usr/bin/a: xattr none -> em, PT_PAX -e--- -> -em-- (done)\n" + reason +
                "\t/usr/bin/b: xattr none -> em, PT_PAX none -> none (done)\n" + reason);
}

TEST_F(History, JsonHasTheHashOfEachFileWithoutItsFlags) {
  root_.replace("/usr/bin/a", with_header(0));
  const std::string sum = support::run({"sha256sum", root_.file("/usr/bin/a")}).out.substr(0, 64);
  migrate({"--only=/usr/bin/a"});
  ASSERT_EQ(root_.header("/usr/bin/a"), "0x200");
  root_.run({"--undo", "-y"});
  json document = json::parse(root_.run({"--history", "--format=json"}).out);
  ASSERT_EQ(document["runs"].size(), 2U);
  EXPECT_EQ(document["runs"][0]["undoes"], 1);
  EXPECT_EQ(document["runs"][0]["edits"][0]["state"], "done");
  json& first = document["runs"][1];
  EXPECT_EQ(first["uid"], 0);
  EXPECT_EQ(first["undoes"], nullptr);
  EXPECT_EQ(first["edits"], json::array({{{"path", "/usr/bin/a"},
                                          {"sha256", sum},
                                          {"state", "undone"},
                                          {"before", {{"xattr", nullptr}, {"header", 0}, {"ei", 0}}},
                                          {"after", {{"xattr", "m"}, {"header", 512}, {"ei", 0}}},
                                          {"reasons", {{{"letter", "m"}, {"askers", {jit}}}}}}}));
}

TEST_F(History, CanBeReadByAnOrdinaryUser) {
  if (!root_.is_reachable_by_nobody()) GTEST_SKIP() << "the program cannot be run by others";
  migrate();
  const auto theirs = root_.run_as_nobody({"--history", "-v"});
  EXPECT_EQ(theirs.status, 0);
  EXPECT_EQ(theirs.out, root_.run({"--history", "-v"}).out);
  EXPECT_NE(theirs.out, "");
}

TEST_F(History, NamesWhoUsedSudo) {
  root_.run({"-qf"});
  const auto outcome =
      support::run({REVDEP_PAX, "--root", root_.directory(), "-r", "-m", "-y"}, {{"SUDO_UID", "1234"}});
  ASSERT_EQ(outcome.status, 0);
  EXPECT_EQ(json::parse(root_.run({"--history", "--format=json"}).out)["runs"][0]["uid"], 1234);
}

}  // namespace
}  // namespace revdep::tool
