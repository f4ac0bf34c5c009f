// Running processes: real ones that this test starts.
#include "engine/processes.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <filesystem>

#include "base/fd.h"
#include "engine/fixtures_build.h"
#include "support/child.h"
#include "support/command.h"
#include "support/started.h"

namespace revdep::engine {
namespace {

namespace fs = std::filesystem;
using support::Started;
using support::waiter;
using Strings = std::vector<std::string>;

std::optional<Process> find(const ProcessList& list, pid_t pid) {
  const auto found =
      std::find_if(list.seen.begin(), list.seen.end(), [&](const Process& one) { return one.pid == pid; });
  return found == list.seen.end() ? std::nullopt : std::optional(*found);
}

Process read_one(pid_t pid) {
  const auto list = read_processes();
  if (!list) throw std::runtime_error(list.error().to_string());
  const auto process = find(*list, pid);
  if (!process) throw std::runtime_error("process " + std::to_string(pid) + " was not seen");
  return *process;
}

std::optional<MappedFile> find_mapped(const Process& process, const std::string& path) {
  const auto found = std::find_if(process.mapped.begin(), process.mapped.end(),
                                  [&](const MappedFile& file) { return file.path == path; });
  return found == process.mapped.end() ? std::nullopt : std::optional(*found);
}

class RunningProcesses : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = fixtures::hindrance({"gcc"}); !why.empty()) GTEST_SKIP() << why;
    shop_.compile("waiter", waiter, {"-ldl"});
    fs::permissions(shop_.directory().path(), fs::perms(0755));
  }
  [[nodiscard]] bool set_flags(const std::string& name, const std::string& flags) const {
    return ::setxattr(path(name).c_str(), "user.pax.flags", flags.data(), flags.size(), 0) == 0;
  }
  [[nodiscard]] struct stat status(const std::string& name) const {
    struct stat status {};
    EXPECT_EQ(::stat(path(name).c_str(), &status), 0);
    return status;
  }
  // As procfs names it.
  [[nodiscard]] std::string path(const std::string& name) const {
    return fs::canonical(shop_.directory().path()).string() + '/' + name;
  }

  fixtures::Workshop shop_;
};

TEST_F(RunningProcesses, AnExecutableIsKnownByItsPathItsFileAndTheTimeOfItsStart) {
  const std::time_t before = std::time(nullptr);
  const Started program({path("waiter")});
  const std::time_t after = std::time(nullptr);
  const Process process = read_one(program.pid());
  EXPECT_EQ(process.executable, path("waiter"));
  EXPECT_FALSE(process.deleted);
  EXPECT_EQ(process.device, status("waiter").st_dev);
  EXPECT_EQ(process.inode, status("waiter").st_ino);
  EXPECT_EQ(process.changed.tv_sec, status("waiter").st_ctim.tv_sec);
  EXPECT_EQ(process.changed.tv_nsec, status("waiter").st_ctim.tv_nsec);
  // btime and the ticks since then are each cut to whole units.
  EXPECT_GE(process.started, before - 2);
  EXPECT_LE(process.started, after + 2);
}

TEST_F(RunningProcesses, APluginThatWasOpenedAtRunTimeIsMapped) {
  shop_.library("plug in.so", "");
  const Started with({path("waiter"), path("plug in.so")});
  const Started without({path("waiter")});
  const auto plugin = find_mapped(read_one(with.pid()), path("plug in.so"));
  ASSERT_TRUE(plugin);
  EXPECT_EQ(plugin->inode, status("plug in.so").st_ino);
  EXPECT_FALSE(plugin->deleted);
  EXPECT_FALSE(find_mapped(read_one(without.pid()), path("plug in.so")));
}

TEST_F(RunningProcesses, EachFileIsListedOnceAndOnlyWhereItIsMappedAsExecutable) {
  const Started program({path("waiter")});
  const Process process = read_one(program.pid());
  EXPECT_TRUE(find_mapped(process, path("waiter")));
  EXPECT_GE(process.mapped.size(), 3U) << "neither a C library nor its loader";
  EXPECT_TRUE(std::is_sorted(process.mapped.begin(), process.mapped.end()));
  EXPECT_EQ(std::adjacent_find(process.mapped.begin(), process.mapped.end()), process.mapped.end());
  for (const MappedFile& file : process.mapped) EXPECT_TRUE(file.path.starts_with('/')) << file.path;
}

TEST_F(RunningProcesses, ANewlineInThePathOfAPluginIsANewline) {
  shop_.library("new\nline.so", "");
  const Started program({path("waiter"), path("new\nline.so")});
  EXPECT_TRUE(find_mapped(read_one(program.pid()), path("new\nline.so")));
}

TEST_F(RunningProcesses, APluginWhosePathHoldsTheNewlinesEscapeKeepsIt) {
  shop_.library("new\\012line.so", "");
  const Started program({path("waiter"), path("new\\012line.so")});
  EXPECT_TRUE(find_mapped(read_one(program.pid()), path("new\\012line.so")));
}

TEST_F(RunningProcesses, ADeletedExecutableIsStillReadAndSaidToBeDeleted) {
  const bool marked = set_flags("waiter", "em");
  const struct stat file = status("waiter");
  const Started program({path("waiter")});
  fs::remove(path("waiter"));
  const Process process = read_one(program.pid());
  EXPECT_EQ(process.executable, path("waiter"));
  EXPECT_TRUE(process.deleted);
  EXPECT_EQ(process.inode, file.st_ino);
  EXPECT_EQ(process.stores.xattr, marked ? std::optional<std::string>("em") : std::nullopt);
  const auto mapped = find_mapped(process, path("waiter"));
  ASSERT_TRUE(mapped);
  EXPECT_TRUE(mapped->deleted);
}

TEST_F(RunningProcesses, AFileThatIsNamedLikeADeletedOneIsNotTakenForIt) {
  const Started program({path("waiter")});
  const ino_t inode = status("waiter").st_ino;
  fs::remove(path("waiter"));
  support::write_file(path("waiter"), "the name of old");
  support::write_file(path("waiter (deleted)"), "what procfs shows now");
  const Process process = read_one(program.pid());
  EXPECT_EQ(process.executable, path("waiter"));
  EXPECT_TRUE(process.deleted);
  EXPECT_EQ(process.inode, inode);
}

TEST_F(RunningProcesses, AFileWhoseNameEndsLikeADeletedOneIsNotDeleted) {
  fs::rename(path("waiter"), path("waiter (deleted)"));
  const Started program({path("waiter (deleted)")});
  Process process = read_one(program.pid());
  EXPECT_EQ(process.executable, path("waiter (deleted)"));
  EXPECT_FALSE(process.deleted);
  EXPECT_TRUE(find_mapped(process, path("waiter (deleted)")));

  fs::remove(path("waiter (deleted)"));
  process = read_one(program.pid());
  EXPECT_EQ(process.executable, path("waiter (deleted)"));
  EXPECT_TRUE(process.deleted);
}

TEST_F(RunningProcesses, AMarkingThatIsSetAfterTheStartIsSeen) {
  const Started program({path("waiter")});
  const Process before = read_one(program.pid());
  EXPECT_EQ(before.stores.xattr, std::nullopt);
  if (!set_flags("waiter", "em")) GTEST_SKIP() << "no xattrs here";
  const Process after = read_one(program.pid());
  EXPECT_EQ(after.stores.xattr, "em");
  EXPECT_EQ(after.started, before.started);
  EXPECT_EQ(after.changed.tv_nsec, status("waiter").st_ctim.tv_nsec);
}

TEST_F(RunningProcesses, AProcessThatHasEndedIsNotSeenNeitherAsAZombie) {
  const Started lives({path("waiter")});
  const Process process = read_one(lives.pid());
  pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  siginfo_t ended{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT), 0);
  const auto list = read_processes();
  ::waitpid(child, nullptr, 0);
  ASSERT_TRUE(list);
  EXPECT_FALSE(find(*list, child));
  EXPECT_TRUE(find(*list, process.pid));
}

TEST_F(RunningProcesses, AUserSeesItsOwnAndTheOthersAreCounted) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  if (!support::have_program("setpriv")) GTEST_SKIP() << "no setpriv";
  const Started foreign({path("waiter")});
  const Started own({"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", path("waiter")});
  const std::string answer = support::as_ordinary_user([&] {
    const auto list = read_processes();
    if (!list) return list.error().to_string();
    const auto process = find(*list, own.pid());
    return (process ? process->executable : "not seen") + (find(*list, foreign.pid()) ? ", foreign seen" : "") +
           (list->hidden > 0 ? ", others hidden" : "");
  });
  EXPECT_EQ(answer, path("waiter") + ", others hidden");
}

}  // namespace
}  // namespace revdep::engine
