// What changes on the filesystem beside the package database is taken up by the next update: links, files of nobody,
// directories, the loader's cache. Each time the system has to be as a fresh load finds it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "engine/system_description.h"
#include "support/command.h"
#include "support/elf_builder.h"
#include "support/file_clock.h"
#include "support/portage_root.h"
#include "support/temp_dir.h"

namespace revdep::engine {
namespace {

using elf_builder::library;
using elf_builder::program;
using testing::HasSubstr;
using testing::Not;

constexpr std::time_t later = 60;

class UpdateFiles : public testing::Test {
 protected:
  UpdateFiles() {
    root_.merge({"app/user-1", {{"/usr/bin/user", program({"libx.so.1"}), "", {}}}, {}});
    root_.merge({"lib/one-1", {{"/usr/lib64/one/libx.so.1.1", library("libx.so.1"), "m", {}}}, {}});
    root_.merge({"lib/two-1", {{"/usr/lib64/two/libx.so.1.2", library("libx.so.1"), "", {}}}, {}});
  }

  void link(const std::string& target, const std::string& path) const {
    std::filesystem::remove(root_.file(path));
    std::filesystem::create_symlink(target, root_.file(path));
  }

  void load() { system_ = load_system(root_.directory()); }

  // What the user loads after an update that finds no package changed.
  std::string updated() {
    support::await_file_clock_tick();
    if (!system_->update({}, std::time(nullptr) + later)) return "too much changed";
    const std::unique_ptr<System> fresh = load_system(root_.directory());
    EXPECT_EQ(describe_asked(*system_), describe_asked(*fresh));
    EXPECT_EQ(describe(*system_), describe(*fresh));
    return loads();
  }
  std::string loads() {
    std::string text;
    for (const loader::Mapped& mapped : system_->closure(system_->graph().find("/usr/bin/user")).objects) {
      text += std::string(system_->graph().path(mapped.object)) + ' ';
    }
    return text;
  }

  support::TempDir directory_{TEST_DIRECTORY};
  support::PortageRoot root_{directory_.path()};
  std::unique_ptr<System> system_;
};

TEST_F(UpdateFiles, ALinkIsFollowedWhereverItLeadsNow) {
  link("one/libx.so.1.1", "/usr/lib64/libx.so.1");
  load();
  EXPECT_THAT(loads(), HasSubstr("/usr/lib64/one/libx.so.1.1"));
  link("two/libx.so.1.2", "/usr/lib64/libx.so.1");
  EXPECT_THAT(updated(), HasSubstr("/usr/lib64/two/libx.so.1.2"));
}

// As eselect and alternatives make them.
TEST_F(UpdateFiles, SoIsALinkInTheMiddleOfAChain) {
  std::filesystem::create_directories(root_.file("/etc/alternatives"));
  link("/usr/lib64/one/libx.so.1.1", "/etc/alternatives/x");
  link("../../etc/alternatives/x", "/usr/lib64/libx.so.1");
  load();
  EXPECT_THAT(loads(), HasSubstr("/usr/lib64/one/libx.so.1.1"));
  link("/usr/lib64/two/libx.so.1.2", "/etc/alternatives/x");
  EXPECT_THAT(updated(), HasSubstr("/usr/lib64/two/libx.so.1.2"));
}

TEST_F(UpdateFiles, WhatALinkLedToInVainIsFoundOnceItIsThere) {
  link("../../opt/x/libmade.so", "/usr/lib64/libx.so.1");
  load();
  EXPECT_THAT(loads(), Not(HasSubstr("libmade")));
  elf_builder::write_object(root_.file("/opt/x/libmade.so"), library("libx.so.1"));
  EXPECT_THAT(updated(), HasSubstr("/opt/x/libmade.so"));
  std::filesystem::remove(root_.file("/opt/x/libmade.so"));
  EXPECT_THAT(updated(), Not(HasSubstr("libmade")));
}

TEST_F(UpdateFiles, AFileThatWasNoObjectIsOneOnceItIsWrittenOver) {
  support::write_file(root_.file("/usr/lib64/libx.so.1"), "GROUP ( libx.so.1.1 )");
  load();
  EXPECT_THAT(loads(), Not(HasSubstr("/usr/lib64/libx.so.1")));
  // In place: the directory does not change.
  elf_builder::write_object(root_.file("/usr/lib64/libx.so.1"), library("libx.so.1"));
  EXPECT_THAT(updated(), HasSubstr("/usr/lib64/libx.so.1"));
}

TEST_F(UpdateFiles, ALibraryOfNobodyComesAndGoes) {
  link("one/libx.so.1.1", "/usr/lib64/libx.so.1");
  root_.merge({"app/other-1", {{"/usr/bin/other", program({"liby.so.1"}), "", {}}}, {}});
  load();
  elf_builder::write_object(root_.file("/usr/lib64/liby.so.1"), library("liby.so.1", {"libx.so.1"}));
  EXPECT_THAT(updated(), HasSubstr("/usr/lib64/one/libx.so.1.1"));
  EXPECT_TRUE(system_->graph().find("/usr/lib64/liby.so.1").valid());
  std::filesystem::remove(root_.file("/usr/lib64/liby.so.1"));
  updated();
  EXPECT_FALSE(system_->graph().find("/usr/lib64/liby.so.1").valid());
}

TEST_F(UpdateFiles, ADirectoryOfARunpathThatIsALinkLeadsElsewhere) {
  elf_builder::Object user = program({"libx.so.1"});
  user.runpath = "/usr/lib64/current";
  elf_builder::write_object(root_.file("/usr/lib64/a/libx.so.1"), library("libx.so.1"));
  elf_builder::write_object(root_.file("/usr/lib64/b/libx.so.1"), library("libx.so.1"));
  link("a", "/usr/lib64/current");
  root_.merge({"app/user-2", {{"/usr/bin/user", user, "", {}}}, {}}, "app/user-1");
  load();
  EXPECT_THAT(loads(), HasSubstr("/usr/lib64/a/libx.so.1"));
  link("b", "/usr/lib64/current");
  EXPECT_THAT(updated(), HasSubstr("/usr/lib64/b/libx.so.1"));
}

TEST_F(UpdateFiles, HardLinksStayOneFileWhileOtherFilesChange) {
  elf_builder::write_object(root_.file("/usr/lib64/libx.so.1"), library("libx.so.1"));
  root_.merge({"app/both-1", {{"/usr/bin/both", program({"libx.so.1", "libsame.so.1"}), "", {}}}, {}});
  std::filesystem::create_hard_link(root_.file("/usr/lib64/libx.so.1"), root_.file("/usr/lib64/libsame.so.1"));
  load();
  std::filesystem::create_hard_link(root_.file("/usr/lib64/libx.so.1"), root_.file("/usr/lib64/libsame.so.2"));
  updated();
  root_.merge({"app/three-1", {{"/usr/bin/three", program({"libsame.so.2", "libsame.so.1"}), "", {}}}, {}});
  support::await_file_clock_tick();
  ASSERT_TRUE(system_->update({{"app", "three-1"}}, std::time(nullptr) + later));
  const std::unique_ptr<System> fresh = load_system(root_.directory());
  EXPECT_EQ(describe(*system_), describe(*fresh));
}

// What it loads first answers to that name for all that it loads.
TEST_F(UpdateFiles, AProgramThatMeansAnotherLibraryByANameLoadsThatOneOnly) {
  link("one/libx.so.1.1", "/usr/lib64/libx.so.1");
  root_.merge({"lib/user-1", {{"/usr/lib64/libuser.so.1", library("libuser.so.1", {"libx.so.1"}), "", {}}}, {}});
  root_.merge({"app/first-1", {{"/usr/bin/first", program({"libuser.so.1"}), "", {}}}, {}});
  // Without a soname, so that the file's name alone is what it answers to.
  root_.merge({"lib/own-1", {{"/opt/own/libx.so.1", elf_builder::Object{}, "", {}}}, {}});
  load();
  elf_builder::Object own = program({"libx.so.1", "libuser.so.1"});
  own.runpath = "/opt/own";
  root_.merge({"app/own-1", {{"/usr/bin/user2", own, "", {}}}, {}});
  support::await_file_clock_tick();
  const auto update = system_->update({{"app", "own-1"}}, std::time(nullptr) + later);
  ASSERT_TRUE(update);
  EXPECT_TRUE(update->alone);
  std::string loaded;
  for (const loader::Mapped& mapped : system_->closure(system_->graph().find("/usr/bin/user2")).objects) {
    loaded += std::string(system_->graph().path(mapped.object)) + ' ';
  }
  EXPECT_THAT(loaded, HasSubstr("/opt/own/libx.so.1"));
  EXPECT_THAT(loaded, Not(HasSubstr("/usr/lib64/one")));
  const std::unique_ptr<System> fresh = load_system(root_.directory());
  EXPECT_EQ(describe(*system_), describe(*fresh));
}

// As every merge runs it, whether there is anything new for it or not.
TEST_F(UpdateFiles, AnLdconfigThatFoundNothingNewConcernsNobody) {
  const std::vector<std::string> ldconfig = {"/sbin/ldconfig", "-r", root_.directory()};
  root_.merge({"lib/y-1", {{"/usr/lib64/liby.so.1", library("liby.so.1"), "", {}}}, {}});
  if (::geteuid() != 0 || support::run(ldconfig).status != 0) GTEST_SKIP() << "no ldconfig for another root";
  load();
  const auto merged = [&](const support::TestPackage& package) {
    root_.merge(package);
    EXPECT_EQ(support::run(ldconfig).status, 0);
    support::await_file_clock_tick();
    const auto update = system_->update({{"app", "y-1"}, {"lib", "z-1"}}, std::time(nullptr) + later);
    const std::unique_ptr<System> fresh = load_system(root_.directory());
    EXPECT_EQ(describe(*system_), describe(*fresh));
    return update && update->alone;
  };
  EXPECT_TRUE(merged({"app/y-1", {{"/usr/bin/y", program({"liby.so.1", "libz.so.1"}), "", {}}}, {}}));
  EXPECT_FALSE(merged({"lib/z-1", {{"/usr/lib64/libz.so.1", library("libz.so.1"), "", {}}}, {}}));
}

// What programs alone touch leaves all others as they are; a library does not.
TEST_F(UpdateFiles, TellsWhetherOthersCanBeConcerned) {
  link("one/libx.so.1.1", "/usr/lib64/libx.so.1");
  load();
  root_.merge({"app/new-1", {{"/usr/bin/new", program({"libx.so.1"}), "", {}}}, {}});
  auto update = system_->update({{"app", "new-1"}});
  ASSERT_TRUE(update);
  EXPECT_TRUE(update->alone);
  EXPECT_THAT(update->touched, testing::ElementsAre(system_->graph().find("/usr/bin/new")));
  root_.merge({"lib/new-1", {{"/usr/lib64/libnew.so.1", library("libnew.so.1"), "m", {}}}, {}});
  update = system_->update({{"lib", "new-1"}});
  ASSERT_TRUE(update);
  EXPECT_FALSE(update->alone);
}

}  // namespace
}  // namespace revdep::engine
