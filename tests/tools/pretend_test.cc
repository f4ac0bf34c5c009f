// --pretend shows precisely what -y would do and does nothing; the lock; the journal's place.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "base/fd.h"
#include "tools/marking_root.h"

namespace revdep::tool {
namespace {

using elf_builder::library;
using elf_builder::program;
using nlohmann::json;

class Pretend : public MarkingTest {
 protected:
  // Something of everything: a header, an admin's word, hard links.
  void SetUp() override {
    MarkingTest::SetUp();
    if (IsSkipped()) return;
    root_.replace("/usr/bin/a", with_header(0x2800));
    root_.add("/usr/bin/kept", program({"libjit.so.1"}));
    root_.set_flags("/usr/bin/kept", "PeM");
    root_.add("/usr/bin/link", program({"libjit.so.1"}));
    std::filesystem::remove(root_.file("/usr/bin/link"));
    std::filesystem::create_hard_link(root_.file("/usr/bin/b"), root_.file("/usr/bin/link"));
  }

  // Path and stores of each edit with that outcome.
  static json edits(const support::Outcome& outcome, const std::string& which) {
    const json document = json::parse(outcome.out);
    json found = json::array();
    for (const json& edit : document.at("edits")) {
      if (edit.at("outcome") == which) found.push_back({{"path", edit.at("path")}, {"stores", edit.at("stores")}});
    }
    return found;
  }
};

TEST_F(Pretend, PrintsEachStoreThatWouldChangeWithItsAskers) {
  const auto outcome = root_.run({"-r", "-m", "-p"});
  EXPECT_EQ(outcome.out,
            "/opt/c [app/one-1]: user.pax.flags none -> em  (m: /usr/lib64/libjit.so.1)\n"
            "/usr/bin/a [app/one-1]: user.pax.flags none -> em  (m: /usr/lib64/libjit.so.1)\n"
            "/usr/bin/a [app/one-1]: PT_PAX -e--- -> -em--  (m: /usr/lib64/libjit.so.1)\n"
            "/usr/bin/b [app/two-2]: user.pax.flags none -> em  (m: /usr/lib64/libjit.so.1)\n"
            "3 to change, 0 already right, 1 refused to change, 0 failed\n");
  EXPECT_EQ(outcome.err, "Warning: /usr/bin/kept has M, refusing to set to m\n" +
                             cannot_mark("/usr/bin/kept", "its own letters contradict"));
  EXPECT_EQ(outcome.status, 1);
}

TEST_F(Pretend, ChangesNothingAndLeavesNeitherLockNorJournal) {
  const std::string before = root_.picture();
  for (const std::vector<std::string>& mode : {std::vector<std::string>{"-r", "-m"},
                                               {"-f", "-m"},
                                               {"-m", "-s", "libjit.so.1"},
                                               {"-m", "-l", jit},
                                               {"-m", "-b", "/usr/bin/kept"},
                                               {"--set", "em", "/usr/bin/plain"},
                                               {"--clear", "/usr/bin/kept"},
                                               {"--sync", "/usr/bin/a"},
                                               {"--sync-all"},
                                               {"--withdraw-all"}}) {
    std::vector<std::string> arguments = mode;
    arguments.emplace_back("--pretend");
    const auto outcome = root_.run(arguments);
    EXPECT_EQ(outcome.status, mode[0] == "--withdraw-all" ? 0 : 1) << mode[0] << outcome.err;
    EXPECT_EQ(root_.picture(), before) << mode[0];
  }
  EXPECT_FALSE(std::filesystem::exists(root_.file("/run")));
  EXPECT_FALSE(std::filesystem::exists(root_.file("/var/lib")));
}

TEST_F(Pretend, JsonListsExactlyTheEditsOfTheRunThatFollows) {
  const auto pretended = root_.run({"-r", "-m", "-p", "--format=json"});
  const auto done = migrate({"--format=json"});
  EXPECT_EQ(edits(pretended, "pending"), edits(done, "marked"));
  EXPECT_EQ(edits(pretended, "refused"), edits(done, "refused"));
  EXPECT_EQ(edits(pretended, "pending"), json::parse(R"([
    {"path": "/opt/c", "stores": {"before": {"xattr": null, "header": null, "ei": 0},
                                  "after": {"xattr": "em", "header": null, "ei": 0}}},
    {"path": "/usr/bin/a", "stores": {"before": {"xattr": null, "header": 10240, "ei": 0},
                                      "after": {"xattr": "em", "header": 10752, "ei": 0}}},
    {"path": "/usr/bin/b", "stores": {"before": {"xattr": null, "header": null, "ei": 0},
                                      "after": {"xattr": "em", "header": null, "ei": 0}}}])"));
  EXPECT_EQ(flags(), "em em em");
  EXPECT_EQ(root_.header("/usr/bin/a"), "0x2a00");
}

TEST_F(Pretend, WithdrawalsAreListedToo) {
  migrate();
  root_.remove_flags(jit);
  const auto pretended = root_.run({"-r", "-m", "-p", "--format=json"});
  const auto done = migrate({"--format=json"});
  EXPECT_EQ(edits(pretended, "pending").size(), 3U);
  EXPECT_EQ(edits(pretended, "pending"), edits(done, "withdrawn"));
}

TEST_F(Pretend, WithNothingPendingTheExitCodeIsZero) {
  root_.remove_flags("/usr/bin/kept");
  migrate();
  const std::string before = root_.picture();
  const auto outcome = root_.run({"-f", "-m", "-p"});
  EXPECT_EQ(outcome.out, "0 marked, 4 already right, 0 withdrawn, 0 refused to change, 0 failed\n");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(root_.picture(), before);
}

TEST_F(Pretend, AnOrdinaryUserSeesTheSame) {
  if (!root_.is_reachable_by_nobody()) GTEST_SKIP() << "the program cannot be run by others";
  migrate({"--only=/opt/*"});  // a journal to read
  const std::string before = root_.picture();
  const auto mine = root_.run({"-r", "-m", "-p"});
  const auto theirs = root_.run_as_nobody({"-r", "-m", "-p"});
  EXPECT_NE(mine.out.find("2 to change, 1 already right"), std::string::npos) << mine.out;
  EXPECT_EQ(theirs.out, mine.out);
  EXPECT_EQ(theirs.err, mine.err);
  EXPECT_EQ(theirs.status, 1);
  EXPECT_EQ(root_.picture(), before);
}

class Lock : public MarkingTest {
 protected:
  // As another run holds it.
  base::Fd take() const {
    std::filesystem::create_directory(root_.file("/run"));
    base::Fd lock(::open(root_.file("/run/revdep-pax.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    EXPECT_EQ(::flock(lock.get(), LOCK_EX | LOCK_NB), 0);
    return lock;
  }
};

TEST_F(Lock, NoWaitGivesUpWithASentence) {
  const base::Fd lock = take();
  const std::string before = root_.picture();
  for (const std::vector<std::string>& mode : {std::vector<std::string>{"-r", "-m", "-y"},
                                               {"-m", "-y", "-s", "libjit.so.1"},
                                               {"--set", "em", "/usr/bin/plain", "-y"},
                                               {"--withdraw-all", "-y"},
                                               {"--release"}}) {
    std::vector<std::string> arguments = mode;
    arguments.emplace_back("--no-wait");
    const auto outcome = root_.run(arguments);
    EXPECT_EQ(outcome.status, 2) << mode[0];
    EXPECT_EQ(outcome.err,
              "revdep-pax: cannot lock " + root_.file("/run/revdep-pax.lock") + ": another run is writing\n");
  }
  EXPECT_EQ(root_.picture(), before);
}

TEST_F(Lock, IsNotNeededToPretend) {
  const base::Fd lock = take();
  EXPECT_EQ(root_.run({"-r", "-m", "-p", "--no-wait"}).status, 1);
}

TEST_F(Lock, IsWaitedForWithAMessage) {
  root_.run({"-qf"});  // writes the database
  base::Fd lock = take();
  const std::string command =
      std::string("exec '") + REVDEP_PAX + "' --root '" + root_.directory() + "' -r -m -y 2>&1 </dev/null";
  const std::unique_ptr<FILE, int (*)(FILE*)> run(::popen(command.c_str(), "r"), ::pclose);
  ASSERT_NE(run, nullptr);
  const auto line = [&] {
    char text[512] = "";
    return std::string(std::fgets(text, sizeof text, run.get()) == nullptr ? "" : text);
  };
  EXPECT_EQ(line(), "waiting for another run that is writing\n");
  EXPECT_EQ(flags(), "none none none");
  lock.reset();
  EXPECT_EQ(line(), "3 marked, 0 already right, 0 withdrawn, 0 refused to change, 0 failed\n");
  EXPECT_EQ(flags(), "em em em");
}

class State : public MarkingTest {
 protected:
  // -r -m -y, --history, -p and --undo with that journal.
  void expect_refusal(const std::string& path, const std::string& why) {
    const std::string before = root_.picture();
    for (const std::vector<std::string>& mode : {std::vector<std::string>{"-r", "-m", "-y"},
                                                 {"-r", "-m", "-p"},
                                                 {"-m", "-y", "-s", "libjit.so.1"},
                                                 {"--set", "em", "/usr/bin/plain", "-y"},
                                                 {"--history"},
                                                 {"--undo", "-y"},
                                                 {"--why", "/usr/bin/a"}}) {
      std::vector<std::string> arguments = mode;
      arguments.insert(arguments.end(), {"--state", path});
      const auto outcome = root_.run(arguments);
      EXPECT_EQ(outcome.status, 2) << mode[0];
      EXPECT_EQ(outcome.out, "") << mode[0];
      EXPECT_NE(outcome.err.find(path), std::string::npos) << mode[0] << ": " << outcome.err;
      EXPECT_NE(outcome.err.find(why), std::string::npos) << mode[0] << ": " << outcome.err;
      EXPECT_EQ(flags(), "none none none");
    }
    std::filesystem::remove_all(root_.file("/run"));  // the lock, which was free
    std::filesystem::last_write_time(root_.file("/"), time_);
    EXPECT_EQ(without_root(root_.picture()), without_root(before));
  }
  // The root directory itself has one entry more for a moment.
  static std::string without_root(const std::string& picture) { return picture.substr(picture.find('\n') + 1); }

  std::filesystem::file_time_type time_;
};

TEST_F(State, LiesWhereItIsTold) {
  const std::string path = root_.file("/elsewhere/journal");
  migrate({"--state", path});
  EXPECT_TRUE(std::filesystem::is_regular_file(path));
  EXPECT_FALSE(std::filesystem::exists(root_.file("/var/lib/revdep-pax")));
  EXPECT_EQ(brief(root_.run({"--undo", "-y", "--state", path})), summary(0, 0, 0, 3));
  EXPECT_EQ(flags(), "none none none");
}

TEST_F(State, LiesBelowTheRootByDefault) {
  migrate();
  EXPECT_TRUE(std::filesystem::is_regular_file(root_.file("/var/lib/revdep-pax/state.db")));
}

TEST_F(State, ThatIsGarbageIsRefused) {
  root_.write("/state", std::string(5000, 'x'));
  expect_refusal(root_.file("/state"), "");
}

TEST_F(State, ThatIsADirectoryIsRefused) {
  std::filesystem::create_directory(root_.file("/state"));
  expect_refusal(root_.file("/state"), "not a regular file");
}

TEST_F(State, ThatIsNotRootsIsRefused) {
  root_.write("/state", "");
  ASSERT_EQ(::chown(root_.file("/state").c_str(), 65534, 65534), 0);
  expect_refusal(root_.file("/state"), "it is not root's");
}

TEST_F(State, ThatOthersCanWriteIsRefused) {
  root_.write("/state", "");
  std::filesystem::permissions(root_.file("/state"), std::filesystem::perms(0666));
  expect_refusal(root_.file("/state"), "it is writable by others than root");
}

TEST_F(State, ThatIsASymlinkIsRefused) {
  std::filesystem::create_symlink("/dev/null", root_.file("/state"));
  expect_refusal(root_.file("/state"), "not a regular file");
}

}  // namespace
}  // namespace revdep::tool
