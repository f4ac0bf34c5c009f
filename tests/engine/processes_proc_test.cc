// Running processes, from directories made of the same files as procfs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <filesystem>

#include "engine/processes.h"
#include "support/elf_builder.h"
#include "support/temp_dir.h"

namespace revdep::engine {
namespace {

namespace fs = std::filesystem;
using testing::SizeIs;

class ProcDirectory : public testing::Test {
 protected:
  ProcDirectory() {
    support::write_file(proc_ / "stat", "cpu  1 2 3\nbtime 1000000\nprocesses 7\n");
    elf_builder::write_object(file_, elf_builder::program({}));
  }
  void add(const std::string& pid, const std::string& comm = "app", const std::string& state = "S",
           const std::string& flags = "4194560") const {
    const auto ticks = std::to_string(250 * ::sysconf(_SC_CLK_TCK));
    support::write_file(proc_ / (pid + "/stat"), pid + " (" + comm + ") " + state + " 1 1 1 0 -1 " + flags +
                                                     " 9 8 7 6 5 4 3 2 20 0 1 0 " + ticks + " 1000 10\n");
    support::write_file(proc_ / (pid + "/status"), "Name:\tapp\nPaX:\tPeMRs\n");
    support::write_file(proc_ / (pid + "/maps"), "");
    fs::create_symlink(file_, proc_ / (pid + "/exe"));
  }
  void write(const std::string& name, const std::string& text) const { support::write_file(proc_ / name, text); }
  [[nodiscard]] ProcessList read() const {
    auto list = read_processes(proc_.string());
    if (!list) throw std::runtime_error(list.error().to_string());
    return std::move(*list);
  }
  [[nodiscard]] Process read_only_one() const {
    ProcessList list = read();
    EXPECT_TRUE(list.problems.empty());
    EXPECT_EQ(list.hidden, 0U);
    if (list.seen.size() != 1) throw std::runtime_error(std::to_string(list.seen.size()) + " processes");
    return list.seen[0];
  }
  static std::string mapping(const std::string& permissions, const std::string& inode, const std::string& name) {
    return "7f0c1a000000-7f0c1a028000 " + permissions + " 00028000 08:01 " + inode + "                  " + name + "\n";
  }

  support::TempDir proc_;
  support::TempDir files_;
  std::string file_ = (files_ / "app").string();
};

TEST_F(ProcDirectory, TheStartIsTheBootTimeAndTheTicksOfTheTwentySecondField) {
  add("7");
  EXPECT_EQ(read_only_one().started, 1000250);
}

TEST_F(ProcDirectory, ANameOfBlanksParenthesesAndNewlinesMovesNoField) {
  for (const char* comm : {") S 1 (", "a b", "(sd-pam)", "x) Z 2\n", ""}) {
    add("7", comm);
    EXPECT_EQ(read_only_one().started, 1000250) << comm;
    fs::remove_all(proc_ / "7");
  }
}

TEST_F(ProcDirectory, TheStatusTellsTheEffectiveFlags) {
  add("7");
  pax::Effective expected;
  expected.set(pax::Letter::P, true);
  expected.set(pax::Letter::M, true);
  expected.set(pax::Letter::R, true);
  EXPECT_EQ(read_only_one().effective, expected);
  for (const char* line : {"", "PaX:\t-----\n", "PaX:\tPeMR\n", "PaX:\tPeMRsx\n", "Name:\tPaX:\tPeMRs\n"}) {
    write("7/status", line);
    EXPECT_EQ(read_only_one().effective, std::nullopt) << line;
  }
}

TEST_F(ProcDirectory, ThreadsOfTheKernelAndZombiesHaveNoProgram) {
  add("2", "kthreadd", "S", std::to_string(0x00208040));
  add("3", "gone", "Z");
  add("4", "dead", "X");
  const ProcessList list = read();
  EXPECT_TRUE(list.seen.empty());
  EXPECT_TRUE(list.problems.empty());
  EXPECT_EQ(list.hidden, 0U);
}

TEST_F(ProcDirectory, WhatVanishesDuringTheScanIsNoError) {
  fs::create_directory(proc_ / "7");
  int last = 10;
  for (const char* file : {"stat", "exe", "status", "maps"}) {
    const std::string pid = std::to_string(last++);
    add(pid);
    fs::remove(proc_ / (pid + "/" + file));
  }
  add("9");
  EXPECT_EQ(read_only_one().pid, 9);
}

TEST_F(ProcDirectory, OnlyNumbersAreProcessesAndTheyComeInOrder) {
  for (const char* pid : {"100", "9", "20"}) add(pid);
  add("self");
  add("7x");
  std::vector<pid_t> pids;
  for (const Process& process : read().seen) pids.push_back(process.pid);
  EXPECT_EQ(pids, (std::vector<pid_t>{9, 20, 100}));
}

TEST_F(ProcDirectory, MapsTellFilesThatAreMappedAsExecutable) {
  add("7");
  write("7/maps", mapping("r--p", "131590", "/usr/lib64/data.so") + mapping("r-xp", "131591", "/usr/lib64/liba.so") +
                      mapping("r-xp", "131591", "/usr/lib64/liba.so") + mapping("rwxp", "0", "") +
                      mapping("r-xp", "0", "[vdso]") + mapping("rwxs", "5", "/memfd:jit (deleted)") +
                      mapping("r-xp", "131592", "/opt/my lib\\012x.so (deleted)") + "cut off r-xp 0 08:0");
  const dev_t device = makedev(8, 1);
  EXPECT_EQ(read_only_one().mapped, (std::vector<MappedFile>{{"/memfd:jit", device, 5, true},
                                                             {"/opt/my lib\nx.so", device, 131592, true},
                                                             {"/usr/lib64/liba.so", device, 131591, false}}));
}

TEST_F(ProcDirectory, AProcessThatMapsTooManyFilesIsNamedAndTheOthersAreComplete) {
  add("7");
  add("8");
  std::string maps;
  for (int index = 0; index <= 10000; ++index) maps += mapping("r-xp", "17", "/tmp/" + std::to_string(index));
  write("7/maps", maps);
  write("8/maps", mapping("r-xp", "17", "/usr/lib64/liba.so"));
  const ProcessList list = read();
  ASSERT_THAT(list.seen, SizeIs(2));
  EXPECT_THAT(list.seen[0].mapped, SizeIs(10000));
  EXPECT_THAT(list.seen[1].mapped, SizeIs(1));
  ASSERT_THAT(list.problems, SizeIs(1));
  EXPECT_EQ(list.problems[0].to_string(),
            "cannot read all of " + proc_.string() + "/7/maps: more than 10000 files are mapped");
}

TEST_F(ProcDirectory, TheHeaderOfTheExecutableIsRead) {
  elf_builder::Object object = elf_builder::program({});
  object.pax_flags = {0x2800};
  elf_builder::write_object(file_, object);
  add("7");
  EXPECT_EQ(read_only_one().stores.header, 0x2800U);
}

TEST_F(ProcDirectory, AnExecutableThatIsNoElfFileIsAProblemAndTheOthersAreComplete) {
  add("7");
  add("8");
  support::write_file(files_ / "text", "text");
  fs::remove(proc_ / "8/exe");
  fs::create_symlink(files_ / "text", proc_ / "8/exe");
  const ProcessList list = read();
  ASSERT_THAT(list.seen, SizeIs(1));
  EXPECT_EQ(list.seen[0].pid, 7);
  ASSERT_THAT(list.problems, SizeIs(1));
  EXPECT_EQ(list.problems[0].object, proc_.string() + "/8/exe");
}

TEST_F(ProcDirectory, ADirectoryThatIsNoProcfsIsAnError) {
  write("stat", "cpu  1 2 3\n");
  const auto list = read_processes(proc_.string());
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().to_string(),
            "cannot read " + proc_.string() + "/stat: it does not tell when the system was booted");
  EXPECT_FALSE(read_processes(file_));
}

}  // namespace
}  // namespace revdep::engine
