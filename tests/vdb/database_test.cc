#include "vdb/database.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "support/temp_dir.h"

namespace revdep::vdb {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const PackageName package{"app-misc", "tool-1.2-r3"};

std::string inside(std::string_view file) { return "app-misc/tool-1.2-r3/" + std::string(file); }

class DatabaseTest : public testing::Test {
 protected:
  Database open() {
    base::Result<Database> database = Database::open(root_.string());
    if (!database) throw std::runtime_error(database.error().to_string());
    return *std::move(database);
  }
  std::vector<std::string> list() {
    std::vector<base::Error> problems;
    std::vector<std::string> names;
    for (const PackageName& name : open().list(problems)) names.push_back(to_string(name));
    EXPECT_THAT(problems, IsEmpty());
    return names;
  }
  Metadata metadata() {
    std::vector<base::Error> problems;
    Metadata metadata = open().read_metadata(package, problems);
    EXPECT_THAT(problems, IsEmpty());
    return metadata;
  }
  void set_directory_mtime(std::time_t seconds, long nanoseconds) {
    const timespec times[2] = {{0, UTIME_OMIT}, {seconds, nanoseconds}};
    ASSERT_EQ(::utimensat(AT_FDCWD, (path(inside(""))).c_str(), times, 0), 0);
  }

  std::string path(std::string_view name) const { return (root_ / name).string(); }
  void directory(std::string_view name) const { std::filesystem::create_directories(root_ / name); }
  void file(std::string_view name, std::string_view text = "") const { support::write_file(root_ / name, text); }
  void symlink(std::string_view name, std::string_view target) const {
    std::filesystem::create_symlink(target, root_ / name);
  }
  void fifo(std::string_view name) const {
    directory(name.substr(0, name.rfind('/')));
    ASSERT_EQ(::mkfifo(path(name).c_str(), 0600), 0);
  }
  void remove(std::string_view name) const { std::filesystem::remove_all(root_ / name); }

  support::TempDir root_;
};

TEST_F(DatabaseTest, ListsPackagesByCategoryAndName) {
  for (const std::string_view name : {"sys-apps/b-1", "app-misc/z-1", "app-misc/a-2", "app-misc/a-10", "dev/a b-1"}) {
    directory(name);
  }
  EXPECT_THAT(list(), ElementsAre("app-misc/a-10", "app-misc/a-2", "app-misc/z-1", "dev/a b-1", "sys-apps/b-1"));
}

TEST_F(DatabaseTest, MergesInProgressLocksAndStrayFilesAreNoPackages) {
  directory("app-misc/real-1");
  directory("app-misc/-MERGING-real-2");
  directory("app-misc/.hidden-1");
  file("app-misc/.real:0.portage_lockfile");
  file("app-misc/plain-1");
  symlink("app-misc/link-1", "real-1");
  directory(".cache/x-1");
  directory("-MERGING-cat/x-1");
  file("world");
  symlink("linked-category", "app-misc");
  directory("emptied-category");
  EXPECT_THAT(list(), ElementsAre("app-misc/real-1"));
}

TEST_F(DatabaseTest, EmptyDatabaseHasNoPackages) { EXPECT_THAT(list(), IsEmpty()); }

TEST_F(DatabaseTest, CategoryThatCannotBeListedIsAProblemAndTheRestIsListed) {
  directory("app-misc/a-1");
  directory("secret/b-1");
  const Database database = open();
  // The superuser may list anything, so it is another user who tries.
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::chmod(root_.string().c_str(), 0755);
    ::chmod((path("secret")).c_str(), 0);
    if (::getuid() == 0 && ::setuid(65534) != 0) ::_exit(2);
    std::vector<base::Error> problems;
    const std::vector<PackageName> packages = database.list(problems);
    const bool listed = packages == std::vector<PackageName>{{"app-misc", "a-1"}};
    const bool named = problems == std::vector<base::Error>{{"list", path("secret"), "Permission denied"}};
    ::_exit(listed && named ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(DatabaseTest, OpeningWhatIsNoDirectoryIsAnError) {
  file("plain");
  for (const std::string& path : {path("absent"), path("plain")}) {
    const base::Result<Database> database = Database::open(path);
    ASSERT_FALSE(database.ok());
    EXPECT_EQ(database.error().object, path);
  }
}

TEST_F(DatabaseTest, ReadsWholeFiles) {
  const std::string bytes("a\0b\n\xff", 5);
  file(inside("NEEDED.ELF.2"), bytes);
  file(inside("NEEDED"), "");
  const auto needed_elf2 = open().read(package, "NEEDED.ELF.2");
  ASSERT_TRUE(needed_elf2.ok());
  EXPECT_EQ(needed_elf2.value(), bytes);
  const auto needed = open().read(package, "NEEDED");
  ASSERT_TRUE(needed.ok());
  EXPECT_EQ(needed.value(), "");
}

TEST_F(DatabaseTest, AbsentFileIsNoError) {
  directory(inside(""));
  const auto text = open().read(package, "NEEDED.ELF.2");
  ASSERT_TRUE(text.ok());
  EXPECT_FALSE(text->has_value());
}

TEST_F(DatabaseTest, PackageThatVanishedAfterTheListingIsNoError) {
  file(inside("NEEDED.ELF.2"), "x");
  const Database database = open();
  std::vector<base::Error> problems;
  ASSERT_EQ(database.list(problems).size(), 1u);
  remove("app-misc");
  const auto text = database.read(package, "NEEDED.ELF.2");
  ASSERT_TRUE(text.ok());
  EXPECT_FALSE(text->has_value());
  file("app-misc", "a file now");
  EXPECT_TRUE(database.read(package, "NEEDED.ELF.2").ok());
}

TEST_F(DatabaseTest, WhatIsNoRegularFileIsAnErrorAndNeverWaitedFor) {
  fifo(inside("NEEDED.ELF.2"));
  file("elsewhere", "X86_64;/bin/a;;;;x86_64\n");
  symlink(inside("NEEDED"), "../../elsewhere");
  directory(inside("CONTENTS"));
  for (const std::string_view file : {"NEEDED.ELF.2", "NEEDED", "CONTENTS"}) {
    const auto text = open().read(package, file);
    ASSERT_FALSE(text.ok()) << file;
    EXPECT_EQ(text.error().action, "read");
    EXPECT_EQ(text.error().object, path(inside(file)));
    EXPECT_NE(text.error().reason, "");
  }
}

TEST_F(DatabaseTest, FileOfAbsurdSizeIsAnError) {
  file(inside("CONTENTS"));
  ASSERT_EQ(::truncate((path(inside("CONTENTS"))).c_str(), off_t{1} << 40), 0);
  const auto text = open().read(package, "CONTENTS");
  ASSERT_FALSE(text.ok());
  EXPECT_THAT(text.error().reason, HasSubstr("larger than"));
}

TEST_F(DatabaseTest, MetadataCountsWhenItsStampIsTheDirectorys) {
  file(inside("metadata"),
       "#format=1\nCHOST=x86_64-pc-linux-gnu\nKEYWORDS=amd64 ~x86\nSLOT=0/1.2\nUSE=a=b\n"
       "repository=gentoo\n#dir_mtime=1795321750664541467\n");
  file(inside("SLOT"), "stale\n");
  set_directory_mtime(1795321750, 664541467);
  const Metadata found = metadata();
  EXPECT_EQ(found.slot, "0/1.2");
  EXPECT_EQ(found.keywords, "amd64 ~x86");
  EXPECT_EQ(found.chost, "x86_64-pc-linux-gnu");
  EXPECT_EQ(found.repository, "gentoo");
}

TEST_F(DatabaseTest, SingleFieldFilesCountWhenTheStampIsOff) {
  file(inside("metadata"), "#format=1\nSLOT=stale\n#dir_mtime=1795321750664541467\n");
  file(inside("SLOT"), "3\n");
  file(inside("KEYWORDS"), "~amd64");
  file(inside("repository"), "local\n");
  set_directory_mtime(1795321750, 664541468);
  const Metadata found = metadata();
  EXPECT_EQ(found.slot, "3");
  EXPECT_EQ(found.keywords, "~amd64");
  EXPECT_EQ(found.chost, "");
  EXPECT_EQ(found.repository, "local");
}

TEST_F(DatabaseTest, PackageWithoutAnyMetadataHasEmptyFields) {
  directory(inside(""));
  const Metadata found = metadata();
  EXPECT_EQ(found.slot + found.keywords + found.chost + found.repository, "");
}

TEST_F(DatabaseTest, UnreadableMetadataIsReportedAndTheSingleFieldFilesCount) {
  fifo(inside("metadata"));
  directory(inside("KEYWORDS"));
  file(inside("SLOT"), "3\n");
  std::vector<base::Error> problems;
  EXPECT_EQ(open().read_metadata(package, problems).slot, "3");
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].object, path(inside("metadata")));
  EXPECT_EQ(problems[1].object, path(inside("KEYWORDS")));
}

TEST(Metadata, OnlyWholeFilesOfFormatOneWithTheRightStampCount) {
  const std::string sound = "#format=1\nSLOT=0\nIUSE=\n#dir_mtime=17\n";
  ASSERT_TRUE(parse_metadata(sound, 17).has_value());
  EXPECT_EQ(parse_metadata(sound, 17)->slot, "0");
  EXPECT_EQ(parse_metadata(sound, 17)->chost, "");
  EXPECT_FALSE(parse_metadata(sound, 1).has_value());
  EXPECT_FALSE(parse_metadata(sound, 7).has_value());
  for (std::size_t size = 0; size < sound.size(); ++size) {
    EXPECT_FALSE(parse_metadata(sound.substr(0, size), 17).has_value()) << size;
    EXPECT_FALSE(parse_metadata(sound.substr(0, size), 1).has_value()) << size;
  }
  for (const std::string_view text :
       {"#format=2\nSLOT=0\n#dir_mtime=17\n", "SLOT=0\n#dir_mtime=17\n", "#format=10\nSLOT=0\n#dir_mtime=17\n",
        "\n#format=1\n#dir_mtime=17\n", "#format=1\nSLOT=0\n#dir_mtime=17\nCHOST=abcdefg\n",
        "#format=1\nSLOT=0#dir_mtime=17\n", "#format=1\nSLOT=0\n", "#format=1\nSLOT=0\n#dir_mtime=017\n"}) {
    EXPECT_FALSE(parse_metadata(text, 17).has_value()) << text;
  }
}

}  // namespace
}  // namespace revdep::vdb
