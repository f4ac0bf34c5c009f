#include "config/config_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "support/temp_dir.h"

namespace revdep::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::array<std::string_view, 2> directories = {"/usr/lib/revdep-pax/rules.d", "/etc/revdep-pax/rules.d"};

class ConfigFilesTest : public testing::Test {
 protected:
  struct Outcome {
    std::vector<std::string> files;   // "PATH: TEXT"
    std::vector<std::string> errors;  // the root spelled ROOT, as in `files`
  };

  [[nodiscard]] std::filesystem::path at(std::string_view path) const { return root_ / path; }

  void write(std::string_view path, std::string_view text, unsigned mode = 0644) const {
    support::write_file(at(path), text, mode);
    for (auto directory = at(path).parent_path(); directory != root_.path(); directory = directory.parent_path()) {
      ASSERT_EQ(::chmod(directory.c_str(), 0755), 0);
    }
  }

  [[nodiscard]] Outcome read() const {
    base::Result<base::Tree> tree = base::Tree::open(root_.string());
    const ConfigFiles read = read_config_files(tree.value(), directories);
    Outcome outcome;
    for (const ConfigFile& file : read.files) outcome.files.push_back(shown(file.name) + ": " + file.text);
    for (const base::Error& error : read.errors) outcome.errors.push_back(shown(error.to_string()));
    return outcome;
  }

  support::TempDir root_;

 private:
  [[nodiscard]] std::string shown(std::string text) const {
    for (std::size_t found = 0; (found = text.find(root_.string())) != std::string::npos;) {
      text.replace(found, root_.string().size(), "ROOT");
    }
    return text;
  }
};

TEST_F(ConfigFilesTest, WithoutTheDirectoriesThereIsNothing) {
  const Outcome outcome = read();
  EXPECT_THAT(outcome.files, IsEmpty());
  EXPECT_THAT(outcome.errors, IsEmpty());
}

TEST_F(ConfigFilesTest, WhatIsNoDirectoryIsNamed) {
  write("etc/revdep-pax/rules.d", "");
  write("usr/lib/revdep-pax", "");
  EXPECT_THAT(read().errors, ElementsAre("cannot list ROOT/usr/lib/revdep-pax/rules.d: Not a directory",
                                         "cannot list ROOT/etc/revdep-pax/rules.d: Not a directory"));
}

// Only root's files are read: the other cases need root.
class ConfigFilesOfRoot : public ConfigFilesTest {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root has files of root";
  }
};

TEST_F(ConfigFilesOfRoot, ComeSortedByFileNameWhereverTheyLie) {
  write("usr/lib/revdep-pax/rules.d/20-b.conf", "b");
  write("usr/lib/revdep-pax/rules.d/40-d.conf", "");
  write("etc/revdep-pax/rules.d/10-a.conf", "a");
  write("etc/revdep-pax/rules.d/30-c.conf", "c");
  const Outcome outcome = read();
  EXPECT_THAT(outcome.files,
              ElementsAre("ROOT/etc/revdep-pax/rules.d/10-a.conf: a", "ROOT/usr/lib/revdep-pax/rules.d/20-b.conf: b",
                          "ROOT/etc/revdep-pax/rules.d/30-c.conf: c", "ROOT/usr/lib/revdep-pax/rules.d/40-d.conf: "));
  EXPECT_THAT(outcome.errors, IsEmpty());
}

TEST_F(ConfigFilesOfRoot, OfALaterDirectoryHideThoseOfTheSameName) {
  write("usr/lib/revdep-pax/rules.d/a.conf", "vendor");
  write("etc/revdep-pax/rules.d/a.conf", "admin");
  EXPECT_THAT(read().files, ElementsAre("ROOT/etc/revdep-pax/rules.d/a.conf: admin"));
}

TEST_F(ConfigFilesOfRoot, HideEvenWhenTheyAreNotRead) {
  write("usr/lib/revdep-pax/rules.d/a.conf", "vendor");
  write("etc/revdep-pax/rules.d/a.conf", "admin", 0666);
  const Outcome outcome = read();
  EXPECT_THAT(outcome.files, IsEmpty());
  EXPECT_THAT(outcome.errors,
              ElementsAre("cannot read ROOT/etc/revdep-pax/rules.d/a.conf: it is writable by group or others"));
}

TEST_F(ConfigFilesOfRoot, EndInConfAndBeginWithoutADot) {
  write("etc/revdep-pax/rules.d/a.conf~", "backup");
  write("etc/revdep-pax/rules.d/b", "other");
  write("etc/revdep-pax/rules.d/.c.conf", "hidden");
  std::filesystem::create_symlink("user@host.1", at("etc/revdep-pax/rules.d/.#d.conf"));
  const Outcome outcome = read();
  EXPECT_THAT(outcome.files, IsEmpty());
  EXPECT_THAT(outcome.errors, IsEmpty());
}

TEST_F(ConfigFilesOfRoot, ThatAreNoRegularFilesAreNamed) {
  write("etc/revdep-pax/rules.d/z.conf", "z");
  std::filesystem::create_symlink("z.conf", at("etc/revdep-pax/rules.d/a.conf"));
  std::filesystem::create_directory(at("etc/revdep-pax/rules.d/b.conf"));
  ASSERT_EQ(::mkfifo(at("etc/revdep-pax/rules.d/c.conf").c_str(), 0644), 0);
  const Outcome outcome = read();
  EXPECT_THAT(outcome.files, ElementsAre("ROOT/etc/revdep-pax/rules.d/z.conf: z"));
  EXPECT_THAT(outcome.errors, ElementsAre("cannot read ROOT/etc/revdep-pax/rules.d/a.conf: it is a symlink",
                                          "cannot read ROOT/etc/revdep-pax/rules.d/b.conf: it is no regular file",
                                          "cannot read ROOT/etc/revdep-pax/rules.d/c.conf: it is no regular file"));
}

TEST_F(ConfigFilesOfRoot, ThatOthersMayChangeAreNotRead) {
  write("etc/revdep-pax/rules.d/a.conf", "a", 0664);
  write("etc/revdep-pax/rules.d/b.conf", "b", 0646);
  write("etc/revdep-pax/rules.d/c.conf", "c");
  write("etc/revdep-pax/rules.d/d.conf", "d");
  ASSERT_EQ(::chown(at("etc/revdep-pax/rules.d/c.conf").c_str(), 1234, 0), 0);
  const Outcome outcome = read();
  EXPECT_THAT(outcome.files, ElementsAre("ROOT/etc/revdep-pax/rules.d/d.conf: d"));
  EXPECT_THAT(outcome.errors,
              ElementsAre("cannot read ROOT/etc/revdep-pax/rules.d/a.conf: it is writable by group or others",
                          "cannot read ROOT/etc/revdep-pax/rules.d/b.conf: it is writable by group or others",
                          "cannot read ROOT/etc/revdep-pax/rules.d/c.conf: it belongs to user 1234, not to root"));
}

TEST_F(ConfigFilesOfRoot, OfADirectoryThatOthersMayChangeAreNotRead) {
  write("etc/revdep-pax/rules.d/a.conf", "a");
  write("usr/lib/revdep-pax/rules.d/b.conf", "b");
  ASSERT_EQ(::chmod(at("etc/revdep-pax/rules.d").c_str(), 0775), 0);
  ASSERT_EQ(::chown(at("usr/lib/revdep-pax").c_str(), 1234, 0), 0);
  const Outcome outcome = read();
  EXPECT_THAT(outcome.files, IsEmpty());
  EXPECT_THAT(outcome.errors, ElementsAre("cannot read ROOT/etc/revdep-pax/rules.d/a.conf: its directory "
                                          "ROOT/etc/revdep-pax/rules.d is writable by group or others",
                                          "cannot read ROOT/usr/lib/revdep-pax/rules.d/b.conf: its directory "
                                          "ROOT/usr/lib/revdep-pax belongs to user 1234, not to root"));
}

TEST_F(ConfigFilesOfRoot, AreReadThroughADirectoryThatIsASymlink) {
  write("usr/lib64/revdep-pax/rules.d/a.conf", "a");
  std::filesystem::create_symlink("lib64", at("usr/lib"));
  const Outcome outcome = read();
  EXPECT_THAT(outcome.files, ElementsAre("ROOT/usr/lib/revdep-pax/rules.d/a.conf: a"));
  EXPECT_THAT(outcome.errors, IsEmpty());
}

TEST_F(ConfigFilesOfRoot, AreAtMostAMebibyte) {
  write("etc/revdep-pax/rules.d/a.conf", std::string(std::size_t{1} << 20U, '#'));
  write("etc/revdep-pax/rules.d/b.conf", std::string((std::size_t{1} << 20U) + 1, '#'));
  const Outcome outcome = read();
  EXPECT_EQ(outcome.files.size(), 1U);
  EXPECT_THAT(outcome.errors, ElementsAre("cannot read ROOT/etc/revdep-pax/rules.d/b.conf: larger than 1048576 bytes"));
}

using ConfigFileOfRoot = ConfigFilesOfRoot;

TEST_F(ConfigFileOfRoot, IsReadUnderTheSameConditions) {
  constexpr std::string_view path = "/etc/revdep-pax/revdep-pax.conf";
  base::Result<base::Tree> tree = base::Tree::open(root_.string());
  write("etc/revdep-pax/revdep-pax.conf", "settle = 1s\n");
  const auto read = read_config_file(tree.value(), path);
  ASSERT_TRUE(read.ok() && read->has_value());
  EXPECT_EQ((*read)->text, "settle = 1s\n");
  EXPECT_EQ((*read)->name, root_.string() + "/etc/revdep-pax/revdep-pax.conf");
  ASSERT_EQ(::chmod(at("etc/revdep-pax/revdep-pax.conf").c_str(), 0666), 0);
  const auto refused = read_config_file(tree.value(), path);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().to_string(),
            "cannot read " + root_.string() + "/etc/revdep-pax/revdep-pax.conf: it is writable by group or others");
}

TEST_F(ConfigFilesTest, OneThatIsAbsentIsNoError) {
  base::Result<base::Tree> tree = base::Tree::open(root_.string());
  for (const bool has_directory : {false, true}) {
    if (has_directory) std::filesystem::create_directories(at("etc/revdep-pax"));
    tree->forget();
    const auto read = read_config_file(tree.value(), "/etc/revdep-pax/revdep-pax.conf");
    ASSERT_TRUE(read.ok());
    EXPECT_FALSE(read->has_value());
  }
}

}  // namespace
}  // namespace revdep::config
