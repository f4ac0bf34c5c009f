#include "migrate/set_marking.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <filesystem>

#include "elf/marking_reader.h"
#include "support/command.h"
#include "support/elf_builder.h"
#include "support/temp_dir.h"

namespace revdep::migrate {
namespace {

using pax::Stores;

pax::Marking letters(std::string_view value) { return pax::parse_letters(value).value(); }

class SetMarking : public testing::Test {
 protected:
  SetMarking() {
    elf_builder::write_object(file(), elf_builder::program({}));
    if (::setxattr(file().c_str(), "user.probe", "1", 1, 0) != 0) unsupported_ = true;
  }
  void SetUp() override {
    if (unsupported_) GTEST_SKIP() << TEST_DIRECTORY << " has no user xattrs";
  }

  std::filesystem::path file() { return directory_ / "x"; }
  void give(const std::string& value) {
    ASSERT_EQ(::setxattr(file().c_str(), "user.pax.flags", value.data(), value.size(), 0), 0);
  }
  // What getfattr says; "none" without the attribute.
  std::string flags() {
    const auto outcome = support::run({"getfattr", "--only-values", "-n", "user.pax.flags", file().string()});
    return outcome.status == 0 ? outcome.out : "none";
  }
  std::string set(const Stores& expected, std::string_view value) {
    const auto tree = base::Tree::open(directory_.string());
    const auto error = set_marking(tree.value(), "/x", expected, letters(value));
    return error ? error->reason : "done";
  }

  support::TempDir directory_{TEST_DIRECTORY};
  bool unsupported_ = false;
};

Stores with_xattr(std::string value) { return {.xattr = std::move(value), .header = {}, .ei_pax = 0}; }

TEST_F(SetMarking, CreatesTheXattrInTheOrderPemrs) {
  EXPECT_EQ(set({}, "mEp"), "done");
  EXPECT_EQ(flags(), "pEm");
}

TEST_F(SetMarking, ReplacesTheXattr) {
  give("e");
  EXPECT_EQ(set(with_xattr("e"), "em"), "done");
  EXPECT_EQ(flags(), "em");
}

TEST_F(SetMarking, ReplacesAMalformedXattr) {
  give("-m---xyz");
  EXPECT_EQ(set(with_xattr("-m---x"), "em"), "done");
  EXPECT_EQ(flags(), "em");
}

TEST_F(SetMarking, ChangesNothingElse) {
  struct stat before {};
  ASSERT_EQ(::stat(file().c_str(), &before), 0);
  const auto content = support::read_bytes(file());
  EXPECT_EQ(set({}, "em"), "done");
  struct stat after {};
  ASSERT_EQ(::stat(file().c_str(), &after), 0);
  EXPECT_EQ(support::read_bytes(file()), content);
  EXPECT_EQ(after.st_ino, before.st_ino);
  EXPECT_EQ(after.st_mode, before.st_mode);
  EXPECT_EQ(after.st_mtim.tv_sec, before.st_mtim.tv_sec);
  EXPECT_EQ(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
}

TEST_F(SetMarking, LeavesAFileAloneWhoseMarkingChangedMeanwhile) {
  give("m");
  EXPECT_EQ(set({}, "em"), "its marking changed meanwhile");
  EXPECT_EQ(set(with_xattr("e"), "em"), "its marking changed meanwhile");
  EXPECT_EQ(flags(), "m");
}

TEST_F(SetMarking, LeavesAFileAloneThatIsNoElfObjectAnyMore) {
  support::write_file(file(), "#!/bin/sh\n", 0755);
  EXPECT_NE(set({}, "em"), "done");
  EXPECT_EQ(flags(), "none");
}

TEST_F(SetMarking, FollowsNoSymlink) {
  std::filesystem::rename(file(), directory_ / "real");
  std::filesystem::create_symlink("real", file());
  EXPECT_NE(set({}, "em"), "done");
  EXPECT_EQ(flags(), "none");
}

TEST_F(SetMarking, DoesNotWaitForAFifo) {
  std::filesystem::remove(file());
  ASSERT_EQ(::mkfifo(file().c_str(), 0644), 0);
  EXPECT_NE(set({}, "em"), "done");
}

TEST_F(SetMarking, NamesActionObjectAndReasonWhenTheFileIsGone) {
  std::filesystem::remove(file());
  const auto tree = base::Tree::open(directory_.string());
  const auto error = set_marking(tree.value(), "/x", {}, letters("em"));
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->to_string(), "cannot set user.pax.flags on " + file().string() + ": No such file or directory");
}

}  // namespace
}  // namespace revdep::migrate
