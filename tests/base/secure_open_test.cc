#include "base/secure_open.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "support/temp_dir.h"

namespace revdep::base {
namespace {

// usr/bin/x below the tree's root, all of whoever runs the test.
class SecureOpen : public testing::Test {
 protected:
  SecureOpen() {
    support::write_file(at("usr/bin/x"), "content", 0755);
    for (const char* const path : {"usr", "usr/bin"}) ::chmod(at(path).c_str(), 0755);
  }

  [[nodiscard]] std::filesystem::path at(std::string_view path) const { return directory_ / path; }
  // "open", or the reason, with the tree's root spelled ROOT.
  [[nodiscard]] std::string open(std::string_view path, Owners owners) const {
    const auto tree = Tree::open(directory_.string());
    const auto opened = open_secure(tree.value(), path, owners);
    if (opened) return "open";
    std::string reason = opened.error().reason;
    const std::size_t root = reason.find(directory_.string());
    if (root != std::string::npos) reason.replace(root, directory_.string().size(), "ROOT");
    return reason;
  }
  [[nodiscard]] std::string open(std::string_view path) const {
    return open(path, ::geteuid() == 0 ? Owners::root_only : Owners::any);
  }

  support::TempDir directory_;
};

TEST_F(SecureOpen, GivesTheFileItsDirectoryItsNameAndItsStatus) {
  const auto tree = Tree::open(directory_.string());
  const auto opened = open_secure(tree.value(), "/usr/bin/x", Owners::any);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->name, "x");
  EXPECT_EQ(opened->status.st_size, 7);
  char content[8] = {};
  EXPECT_EQ(::read(opened->file.get(), content, sizeof content), 7);
  EXPECT_STREQ(content, "content");
  struct stat through_directory {};
  ASSERT_EQ(::fstatat(opened->directory.get(), "x", &through_directory, 0), 0);
  EXPECT_EQ(through_directory.st_ino, opened->status.st_ino);
}

TEST_F(SecureOpen, TakesCanonicalPathsOnly) {
  for (const char* const path : {"", "/", "usr/bin/x", "/usr/../usr/bin/x", "/usr/./bin/x", "/usr//bin/x",
                                 "/usr/bin/x/", "/../x", "/usr/bin/.."}) {
    EXPECT_EQ(open(path), "not a canonical path") << path;
  }
  EXPECT_EQ(open(std::string_view("/usr/bin/x\0y", 12)), "not a canonical path");
}

TEST_F(SecureOpen, FollowsNoSymlinkAnywhere) {
  std::filesystem::create_symlink("x", at("usr/bin/link"));
  std::filesystem::create_symlink("usr/bin", at("bin"));
  EXPECT_EQ(open("/usr/bin/link"), "it is a symlink");
  EXPECT_EQ(open("/bin/x"), "its directory ROOT/bin is a symlink");
}

TEST_F(SecureOpen, NamesWhatIsMissingOrNoDirectory) {
  EXPECT_EQ(open("/usr/bin/y"), "No such file or directory");
  EXPECT_EQ(open("/usr/sbin/x"), "No such file or directory");
  EXPECT_EQ(open("/usr/bin/x/y"), "its directory ROOT/usr/bin/x is no directory");
}

TEST_F(SecureOpen, RefusesADirectoryThatOthersMayWriteTo) {
  ASSERT_EQ(::chmod(at("usr").c_str(), 0775), 0);
  EXPECT_EQ(open("/usr/bin/x"), "its directory ROOT/usr is writable by group or others");
  ASSERT_EQ(::chmod(at("usr").c_str(), 0755), 0);
  ASSERT_EQ(::chmod(at("usr/bin").c_str(), 01757), 0);
  EXPECT_EQ(open("/usr/bin/x"), "its directory ROOT/usr/bin is writable by group or others");
  ASSERT_EQ(::chmod(at("usr/bin").c_str(), 0755), 0);
  ASSERT_EQ(::chmod(at("").c_str(), 01777), 0);
  EXPECT_EQ(open("/usr/bin/x"), "its directory ROOT is writable by group or others");
}

TEST_F(SecureOpen, NeitherWaitsForAFifoNorOpensADirectory) {
  ASSERT_EQ(::mkfifo(at("usr/bin/fifo").c_str(), 0755), 0);
  EXPECT_EQ(open("/usr/bin/fifo"), "it is no regular file");
  EXPECT_EQ(open("/usr/bin"), "it is no regular file");
}

TEST_F(SecureOpen, OpensNoDevice) {
  // Of a major number that no driver has: opening it would say ENXIO.
  if (::mknod(at("usr/bin/device").c_str(), S_IFCHR | 0755, makedev(4000, 0)) != 0)
    GTEST_SKIP() << "may make no device";
  EXPECT_EQ(open("/usr/bin/device"), "it is no regular file");
}

class SecureOpenOfOthers : public SecureOpen {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  }
  void give(std::string_view path, uid_t owner) const { ASSERT_EQ(::lchown(at(path).c_str(), owner, 0), 0); }
};

TEST_F(SecureOpenOfOthers, RefusesAFileThatIsNotRoots) {
  give("usr/bin/x", 1234);
  EXPECT_EQ(open("/usr/bin/x"), "it belongs to user 1234, not to root");
  EXPECT_EQ(open("/usr/bin/x", Owners::any), "open");
}

TEST_F(SecureOpenOfOthers, RefusesADirectoryThatIsNotRoots) {
  give("usr", 1234);
  EXPECT_EQ(open("/usr/bin/x"), "its directory ROOT/usr belongs to user 1234, not to root");
}

TEST_F(SecureOpenOfOthers, TakesAUsersFileOnlyFromRootsAndItsOwnDirectories) {
  give("usr", 1234);
  EXPECT_EQ(open("/usr/bin/x", Owners::any), "a directory on the way belongs to user 1234, the file to user 0");
  give("usr/bin/x", 1234);
  EXPECT_EQ(open("/usr/bin/x", Owners::any), "open");
  give("usr/bin", 4321);
  EXPECT_EQ(open("/usr/bin/x", Owners::any), "its directory ROOT/usr/bin belongs to another user than those above it");
}

}  // namespace
}  // namespace revdep::base
