// A package's image is marked before it is merged, and what is merged then is ours.
#include <gmock/gmock.h>

#include <filesystem>

#include "daemon/daemon_fixture.h"

namespace revdep::daemon {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class ImageTest : public DaemonTest {
 protected:
  [[nodiscard]] std::string image(const std::string& path = {}) const { return file("/var/tmp/image" + path); }
  void put(const std::string& path, const elf_builder::Object& object, const std::string& letters = {}) const {
    elf_builder::write_object(image(path), object);
    if (!letters.empty()) ::setxattr(image(path).c_str(), "user.pax.flags", letters.data(), letters.size(), 0);
  }
  [[nodiscard]] support::Outcome mark(const std::vector<std::string>& more = {"-y"}) const {
    std::vector<std::string> words = {"--image", image()};
    words.insert(words.end(), more.begin(), more.end());
    return run_program(root(), words);
  }
  [[nodiscard]] support::Outcome migrate() const { return run_program(root(), {"-r", "-m", "-y"}); }
  // A merge whose one file comes out of the image.
  void merge(const std::string& name, const std::string& path, const elf_builder::Object& object) {
    root_->merge({name, {{path, object, "", {}}}, {}}, "", [&](support::MergeStep step) {
      if (step == support::MergeStep::record) std::filesystem::rename(image(path), file(path));
      return true;
    });
  }
  [[nodiscard]] bool is_spooled() const {
    const std::string directory = file("/var/lib/revdep-pax/spool");
    return std::filesystem::exists(directory) && !std::filesystem::is_empty(directory);
  }
};

TEST_F(ImageTest, AnExecutableIsMarkedBeforeItIsMerged) {
  put("/usr/bin/new", program({"libjit.so.1"}));
  const auto outcome = mark();
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, StartsWith("1 marked, "));
  EXPECT_EQ(flags(image("/usr/bin/new")), "em");
  EXPECT_EQ(marked("/usr/bin/a"), "none");
}

TEST_F(ImageTest, ItsOwnLibraryCountsInPlaceOfTheOldOne) {
  put("/usr/lib64/libjit.so.1", library("libjit.so.1"), "r");
  put("/usr/bin/new", program({"libjit.so.1"}));
  EXPECT_EQ(mark().status, 0);
  EXPECT_EQ(flags(image("/usr/bin/new")), "er");
}

TEST_F(ImageTest, ALibraryIsFoundWhereTheLoaderWillFindIt) {
  write("/etc/ld.so.cache", "of what was there before");
  put("/usr/lib64/libnew.so.1.2", library("libnew.so.1", {"libjit.so.1"}));
  std::filesystem::create_symlink("libnew.so.1.2", image("/usr/lib64/libnew.so.1"));
  elf_builder::Object finder = program({"libown.so.1"});
  finder.runpath = "$ORIGIN/../lib";
  put("/opt/own/bin/finder", finder);
  put("/opt/own/lib/libown.so.1", library("libown.so.1", {"libnew.so.1"}));
  EXPECT_EQ(mark().status, 0);
  EXPECT_EQ(flags(image("/opt/own/bin/finder")), "em");
}

TEST_F(ImageTest, ItGoesWhereTheSystemsSymlinksLead) {
  std::filesystem::create_symlink("usr/bin", file("/bin"));
  put("/bin/new", program({"libjit.so.1"}));
  std::filesystem::create_hard_link(image("/bin/new"), image("/bin/twin"));
  EXPECT_EQ(mark().status, 0);
  EXPECT_EQ(flags(image("/bin/twin")), "em");
  std::filesystem::rename(image("/bin/new"), file("/usr/bin/new"));
  std::filesystem::rename(image("/bin/twin"), file("/usr/bin/twin"));
  EXPECT_EQ(migrate().status, 0);
  EXPECT_THAT(run_program(root(), {"--why", "/bin/new"}).out, HasSubstr("m, set by run 1 of "));
}

TEST_F(ImageTest, RulesCount) {
  write(rules, "mark /usr/bin/ruled er\nignore /usr/bin/ignored\n");
  put("/usr/bin/ruled", program({"libjit.so.1"}));
  put("/usr/bin/ignored", program({"libjit.so.1"}));
  EXPECT_EQ(mark().status, 0);
  EXPECT_EQ(flags(image("/usr/bin/ruled")), "er");
  EXPECT_EQ(flags(image("/usr/bin/ignored")), "none");
}

TEST_F(ImageTest, WithNothingToMarkItIsSilentAndLeavesNothing) {
  put("/usr/bin/new", program({}));
  put("/usr/lib64/libjit.so.1", library("libjit.so.1"), "r");  // the daemon's, once it is merged
  write("/usr/share/broken", "");
  support::write_file(image("/usr/share/text"), "text");
  std::filesystem::remove(file("/usr/bin/plain"));
  support::write_file(file("/usr/bin/plain"), "\177ELF broken");
  const auto outcome = mark();
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out + outcome.err, "");
  EXPECT_FALSE(std::filesystem::exists(file("/var/lib/revdep-pax")));
}

TEST_F(ImageTest, PretendingItSaysWhatAndWritesNothing) {
  put("/usr/bin/new", program({"libjit.so.1"}));
  const auto outcome = mark({"-p"});
  EXPECT_THAT(outcome.out, StartsWith("/usr/bin/new: user.pax.flags none -> em  (m: /usr/lib64/libjit.so.1)\n"));
  EXPECT_EQ(flags(image("/usr/bin/new")), "none");
  EXPECT_FALSE(std::filesystem::exists(file("/var/lib/revdep-pax")));
}

TEST_F(ImageTest, ABrokenObjectOfItIsNamedAndTheRestIsMarked) {
  put("/usr/bin/new", program({"libjit.so.1"}));
  support::write_file(image("/usr/bin/broken"), "\177ELF\2\1\1", 0755);
  put("/usr/bin/user", program({"libjit.so.1"}));
  ASSERT_EQ(::chown(image("/usr/bin/user").c_str(), 65534, 65534), 0);
  const auto outcome = mark();
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("/usr/bin/user: it belongs to user 65534"));
  EXPECT_EQ(flags(image("/usr/bin/new")), "em");
  EXPECT_EQ(flags(image("/usr/bin/user")), "none");
}

TEST_F(ImageTest, OneThatIsNotThereIsAnError) {
  const auto outcome = mark();
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("/var/tmp/image: No such file or directory"));
}

TEST_F(ImageTest, WhatIsMergedIsWithdrawnWhenNobodyAsksAnyMore) {
  const elf_builder::Object object = program({"libjit.so.1"});
  put("/usr/bin/new", object);
  EXPECT_EQ(mark().status, 0);
  EXPECT_TRUE(is_spooled());
  // Another run in the middle of the merge.
  EXPECT_EQ(migrate().status, 0);
  EXPECT_TRUE(is_spooled());
  merge("app/new-1", "/usr/bin/new", object);
  EXPECT_EQ(marked("/usr/bin/new"), "em");
  set_flags(jit, "");
  EXPECT_THAT(migrate().out, HasSubstr("2 withdrawn"));
  EXPECT_EQ(marked("/usr/bin/new"), "none");
  EXPECT_FALSE(is_spooled());
}

TEST_F(ImageTest, TheDaemonTakesItUp) {
  DaemonProcess daemon(root());
  daemon.wait_for_turn();
  const elf_builder::Object object = program({"libjit.so.1"});
  put("/usr/bin/new", object);
  // It is not waited for: the lock of those who write is the daemon's or another's, the database's is Portage's.
  EXPECT_EQ(mark().status, 0);
  merge("app/new-1", "/usr/bin/new", object);
  daemon.wait_until([&](const auto& status) { return status["idle"] == true && !is_spooled(); });
  EXPECT_THAT(daemon.log(), testing::Not(HasSubstr("marked /usr/bin/new")));
  set_flags(jit, "");
  daemon.wait_for_file(file("/usr/bin/new"), [this] { return marked("/usr/bin/new") == "none"; });
  EXPECT_EQ(daemon.end(), 0);
}

}  // namespace
}  // namespace revdep::daemon
