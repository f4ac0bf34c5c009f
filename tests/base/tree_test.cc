#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/tree_fixture.h"

namespace revdep::base {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

// Runs `check` as a user who is not the superuser; true when it returned true.
bool as_ordinary_user(const std::function<bool()>& check) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::getuid() == 0 && ::setuid(65534) != 0) ::_exit(2);
    ::_exit(check() ? 0 : 1);
  }
  int status = -1;
  return child > 0 && ::waitpid(child, &status, 0) == child && status == 0;
}

TEST_F(TreeTest, PrefixHasNoTrailingSlash) {
  const Result<Tree> tree = Tree::open(root() + "//");
  ASSERT_TRUE(tree.ok());
  EXPECT_EQ(tree->prefix(), root());
  const Result<Tree> slash = Tree::open("/");
  ASSERT_TRUE(slash.ok());
  EXPECT_EQ(slash->prefix(), "");
}

TEST_F(TreeTest, RootThatIsNoDirectoryIsAnError) {
  file("plain");
  for (const std::string& path : {root() + "/absent", root() + "/plain"}) {
    const Result<Tree> tree = Tree::open(path);
    ASSERT_FALSE(tree.ok());
    EXPECT_EQ(tree.error().object, path);
  }
}

TEST_F(TreeTest, PathsWithoutSymlinks) {
  file("usr/lib/liba.so");
  ASSERT_EQ(::mkfifo(at("usr/fifo").c_str(), 0600), 0);
  EXPECT_EQ(resolved("/usr/lib/liba.so"), "regular /usr/lib/liba.so");
  EXPECT_EQ(resolved("/usr/lib"), "directory /usr/lib");
  EXPECT_EQ(resolved("/"), "directory /");
  EXPECT_EQ(resolved("/usr/fifo"), "other /usr/fifo");
  EXPECT_EQ(resolved("usr/lib/liba.so"), "regular /usr/lib/liba.so");
  EXPECT_EQ(resolved("//usr///lib//liba.so"), "regular /usr/lib/liba.so");
  EXPECT_EQ(resolved("/usr/./lib/././liba.so"), "regular /usr/lib/liba.so");
  EXPECT_EQ(resolved("/usr/lib/"), "directory /usr/lib");
  EXPECT_EQ(resolved("/usr/lib/."), "directory /usr/lib");
  EXPECT_EQ(resolved("/usr/lib/.."), "directory /usr");
  EXPECT_EQ(resolved("/usr/lib/../lib/liba.so"), "regular /usr/lib/liba.so");
}

TEST_F(TreeTest, WhatIsNotThereIsMissingWithTheKernelsReason) {
  file("usr/lib/liba.so");
  EXPECT_EQ(resolved("/absent"), "missing ENOENT");
  EXPECT_EQ(resolved("/absent/liba.so"), "missing ENOENT");
  EXPECT_EQ(resolved("/absent/../usr"), "missing ENOENT");
  EXPECT_EQ(resolved("/usr/lib/liba.so/x"), "missing ENOTDIR");
  EXPECT_EQ(resolved("/usr/lib/liba.so/"), "missing ENOTDIR");
  EXPECT_EQ(resolved("/usr/lib/liba.so/."), "missing ENOTDIR");
  EXPECT_EQ(resolved("/usr/lib/liba.so/.."), "missing ENOTDIR");
}

TEST_F(TreeTest, RelativeSymlinksCountFromTheirDirectory) {
  file("usr/lib64/liba.so.1.0");
  symlink("usr/lib64/liba.so.1", "liba.so.1.0");
  symlink("usr/lib64/liba.so", "liba.so.1");
  symlink("lib64", "usr/lib64");
  symlink("opt/lib", "../usr/./lib64//");
  EXPECT_EQ(resolved("/usr/lib64/liba.so"), "regular /usr/lib64/liba.so.1.0");
  EXPECT_EQ(resolved("/lib64/liba.so"), "regular /usr/lib64/liba.so.1.0");
  EXPECT_EQ(resolved("/opt/lib/liba.so"), "regular /usr/lib64/liba.so.1.0");
  EXPECT_EQ(resolved("/opt/lib"), "directory /usr/lib64");
  EXPECT_EQ(resolved("/opt/lib/"), "directory /usr/lib64");
}

TEST_F(TreeTest, DotDotAfterASymlinkIsTheTargetsParent) {
  file("usr/lib64/x");
  file("usr/y");
  file("y");
  symlink("lib64", "usr/lib64");
  EXPECT_EQ(resolved("/lib64/../y"), "regular /usr/y");
  EXPECT_EQ(resolved("/lib64/.."), "directory /usr");
}

TEST_F(TreeTest, AbsoluteSymlinksCountFromTheRoot) {
  file("usr/lib/liba.so");
  symlink("abs-file", "/usr/lib/liba.so");
  symlink("opt/abs-directory", "/usr/lib");
  symlink("opt/abs-root", "/");
  symlink("abs-secret", (outside_ / "secret").string());
  EXPECT_EQ(resolved("/abs-file"), "regular /usr/lib/liba.so");
  EXPECT_EQ(resolved("/opt/abs-directory"), "directory /usr/lib");
  EXPECT_EQ(resolved("/opt/abs-directory/liba.so"), "regular /usr/lib/liba.so");
  EXPECT_EQ(resolved("/opt/abs-root/usr"), "directory /usr");
  EXPECT_EQ(resolved("/abs-secret"), "missing ENOENT");
}

TEST_F(TreeTest, NothingLeadsAboveTheRoot) {
  file("usr/lib/liba.so", "inside");
  symlink("up-file", "../secret");
  symlink("far-up-file", "../../../../../../usr/lib/liba.so");
  symlink("usr/up-directory", "../../..");
  symlink("usr/lib/up-above", "../../../usr/lib");
  EXPECT_EQ(resolved("/up-file"), "missing ENOENT");
  EXPECT_EQ(resolved("/far-up-file"), "regular /usr/lib/liba.so");
  EXPECT_EQ(resolved("/usr/up-directory"), "directory /");
  EXPECT_EQ(resolved("/usr/up-directory/secret"), "missing ENOENT");
  EXPECT_EQ(resolved("/usr/up-directory/usr/lib/liba.so"), "regular /usr/lib/liba.so");
  EXPECT_EQ(resolved("/usr/lib/up-above/liba.so"), "regular /usr/lib/liba.so");
  EXPECT_EQ(resolved("/../../secret"), "missing ENOENT");
  EXPECT_EQ(resolved("/.."), "directory /");
  EXPECT_EQ(resolved("../.."), "directory /");

  Tree tree = open();
  const Result<std::string> text = tree.read_file("/far-up-file", 100);
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(*text, "inside");
  EXPECT_FALSE(tree.read_file("/up-file", 100).ok());
}

TEST_F(TreeTest, DanglingSymlinksAreMissing) {
  directory("usr");
  symlink("usr/gone", "nowhere");
  symlink("usr/gone-directory", "/nowhere/at/all");
  EXPECT_EQ(resolved("/usr/gone"), "missing ENOENT");
  EXPECT_EQ(resolved("/usr/gone-directory/x"), "missing ENOENT");
}

TEST_F(TreeTest, SymlinkLoopsEnd) {
  symlink("self", "self");
  symlink("a", "b");
  symlink("b", "a");
  symlink("grow", "grow/more");
  symlink("up", "up/..");
  for (const std::string_view path : {"/self", "/self/x", "/self/..", "/a", "/a/x", "/b/", "/grow", "/grow/x", "/up"}) {
    EXPECT_EQ(resolved(path), "missing ELOOP") << path;
  }
}

TEST_F(TreeTest, FortySymlinksAreFollowedAndNoMore) {
  file("dir/x");
  symlink("link1", "dir");
  for (int i = 2; i <= 60; ++i) symlink("link" + std::to_string(i), "link" + std::to_string(i - 1));
  EXPECT_EQ(resolved("/link40"), "directory /dir");
  EXPECT_EQ(resolved("/link40/x"), "regular /dir/x");
  EXPECT_EQ(resolved("/link41"), "missing ELOOP");
  EXPECT_EQ(resolved("/link41/x"), "missing ELOOP");

  // The kernel agrees with the above.
  struct stat status {};
  EXPECT_EQ(::stat(at("link40/x").c_str(), &status), 0);
  EXPECT_NE(::stat(at("link41/x").c_str(), &status), 0);
}

TEST_F(TreeTest, OverlongNamesAndPathsAreRefused) {
  const std::string name(NAME_MAX, 'n');
  directory(name);
  EXPECT_EQ(resolved('/' + name), "directory /" + name);
  EXPECT_EQ(resolved('/' + name + 'n'), "missing ENAMETOOLONG");
  EXPECT_EQ(resolved('/' + name + "n/x"), "missing ENAMETOOLONG");
  std::string path;
  while (path.size() < PATH_MAX) path += "/.";
  EXPECT_EQ(resolved(path), "missing ENAMETOOLONG");
  EXPECT_EQ(resolved(std::string(10'000'000, '/')), "missing ENAMETOOLONG");
}

TEST_F(TreeTest, NamesHoldAnyByte) {
  for (const std::string_view name : {"my  app", " ", "-> x", "tab\t", "new\nline", "back\\slash", "\xff\xfe"}) {
    file("dir/" + std::string(name));
    EXPECT_EQ(resolved("/dir/" + std::string(name)), "regular /dir/" + std::string(name));
  }
}

TEST_F(TreeTest, NulIsNoEndOfAPath) {
  using namespace std::string_view_literals;
  file("usr/lib/x");
  EXPECT_EQ(resolved("/usr\0/lib"sv), "missing ENOENT");
  EXPECT_EQ(resolved("/usr/lib\0"sv), "missing ENOENT");
  EXPECT_EQ(resolved("/usr/lib/x\0y"sv), "missing ENOENT");
}

TEST_F(TreeTest, EntriesAreThoseOfTheDirectoryItself) {
  file("usr/lib/liba.so");
  symlink("usr/lib/link", "liba.so");
  directory("usr/lib/sub");
  ASSERT_EQ(::mkfifo(at("usr/lib/fifo").c_str(), 0600), 0);
  Tree tree = open();
  EXPECT_EQ(tree.entry("/usr/lib", "liba.so").kind, FileKind::regular);
  EXPECT_EQ(tree.entry("/usr/lib", "link").kind, FileKind::symlink);
  EXPECT_EQ(tree.entry("/usr/lib", "sub").kind, FileKind::directory);
  EXPECT_EQ(tree.entry("/usr/lib", "fifo").kind, FileKind::other);
  EXPECT_EQ(tree.entry("/usr/lib", "absent").kind, FileKind::missing);
  EXPECT_EQ(tree.entry("/absent", "x").kind, FileKind::missing);
  EXPECT_EQ(tree.entry("/usr/lib/liba.so", "x").kind, FileKind::missing);
  EXPECT_EQ(tree.entry("/", "usr").kind, FileKind::directory);
  struct stat status {};
  ASSERT_EQ(::lstat(at("usr/lib/liba.so").c_str(), &status), 0);
  EXPECT_EQ(tree.entry("/usr/lib", "liba.so").inode, status.st_ino);
}

TEST_F(TreeTest, ListingsAreKeptUntilForgotten) {
  file("usr/a");
  Tree tree = open();
  // A few questions are answered by name; then the directory is listed.
  for (int question = 0; question < 20; ++question) EXPECT_EQ(tree.entry("/usr", "b").kind, FileKind::missing);
  EXPECT_EQ(describe(tree.resolve("/new/b")), "missing ENOENT");
  file("usr/b");
  file("new/b");
  EXPECT_EQ(tree.entry("/usr", "b").kind, FileKind::missing);
  tree.forget();
  EXPECT_EQ(tree.entry("/usr", "b").kind, FileKind::regular);
  EXPECT_EQ(describe(tree.resolve("/new/b")), "regular /new/b");
}

TEST_F(TreeTest, AnswersAreTheSameByNameAndFromAListing) {
  file("usr/a");
  directory("usr/d");
  symlink("usr/l", "a");
  Tree tree = open();
  for (int question = 0; question < 20; ++question) {
    EXPECT_EQ(tree.entry("/usr", "a").kind, FileKind::regular) << question;
    EXPECT_EQ(tree.entry("/usr", "d").kind, FileKind::directory) << question;
    EXPECT_EQ(tree.entry("/usr", "l").kind, FileKind::symlink) << question;
    EXPECT_EQ(tree.entry("/usr", "n").kind, FileKind::missing) << question;
  }
}

TEST_F(TreeTest, ListNamesWhatIsInADirectory) {
  file("usr/a");
  file("usr/.b");
  symlink("usr/c", "a");
  Tree tree = open();
  const auto names = tree.list("/usr");
  ASSERT_TRUE(names.ok());
  EXPECT_THAT(*names, UnorderedElementsAre("a", ".b", "c"));
}

TEST_F(TreeTest, ResolveDirectoryGivesTheCanonicalOneOrNothing) {
  file("usr/lib64/x");
  symlink("lib", "usr/lib64");
  Tree tree = open();
  const std::string* const found = tree.resolve_directory("/lib/");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(*found, "/usr/lib64");
  EXPECT_EQ(tree.resolve_directory("/usr/lib64/x"), nullptr);
  EXPECT_EQ(tree.resolve_directory("/absent"), nullptr);
  for (int i = 0; i < 1000; ++i) tree.resolve_directory("/absent/" + std::to_string(i));
  EXPECT_EQ(*found, "/usr/lib64");
  EXPECT_EQ(tree.resolve_directory("/lib/"), found);
}

TEST_F(TreeTest, AnswersDoNotDependOnWhatWasAskedBefore) {
  file("usr/lib64/x");
  symlink("lib", "usr/lib64");
  symlink("usr/lib", "../lib");
  symlink("usr/lib64/self", ".");
  symlink("usr/lib64/top", "/");
  symlink("loop", "loop/x");
  const std::string_view paths[] = {
      "/lib/x", "/usr/lib/x", "/lib/self/self/x", "/lib/top/lib/top/usr/lib/x", "/lib/../x", "/lib/../lib/x",
      "/loop",  "/loop/..",   "/usr/lib/x/y",     "/usr/lib/absent/x",          "/lib/self", "/usr/lib64/top"};
  for (const std::string_view first : paths) {
    Tree tree = open();
    tree.resolve(first);
    tree.resolve_directory(first);
    for (const std::string_view second : paths) {
      EXPECT_EQ(describe(tree.resolve(second)), resolved(second)) << second << " after " << first;
    }
  }
}

// In a canonical directory, a name leads where its path does, by the same symlinks.
TEST_F(TreeTest, ANameInADirectoryLeadsWhereItsPathDoes) {
  file("usr/lib64/x");
  file("opt/y");
  symlink("lib", "usr/lib64");
  symlink("usr/lib64/near", "x");
  symlink("usr/lib64/twice", "near");
  symlink("usr/lib64/by-link", "/lib/near");
  symlink("usr/lib64/up", "../../opt/y");
  symlink("usr/lib64/here", ".");
  symlink("usr/lib64/above", "..");
  symlink("usr/lib64/slash", "../lib64/");
  symlink("usr/lib64/gone", "absent");
  symlink("usr/lib64/nowhere", "absent/x");
  symlink("usr/lib64/in-file", "x/y");
  symlink("usr/lib64/loop", "loop");
  const std::string_view names[] = {"x",     "near", "twice",   "by-link", "up",   "here", "above",
                                    "slash", "gone", "nowhere", "in-file", "loop", "none"};
  for (const std::string_view name : names) {
    const std::string path = join_path("/usr/lib64", name);
    Tree one = open();
    Tree other = open();
    std::vector<std::string> through;
    std::vector<std::string> expected;
    const Tree::Resolved found = one.resolve("/usr/lib64", name, &through);
    const Tree::Resolved by_path = other.resolve(path, &expected);
    EXPECT_EQ(describe(found), describe(by_path)) << name;
    EXPECT_EQ(found.path, by_path.path) << name;
    EXPECT_EQ(through, expected) << name;
    // The kernel agrees.
    struct stat status {};
    const bool exists = ::stat(at(path.substr(1)).c_str(), &status) == 0;
    EXPECT_EQ(found.kind != FileKind::missing, exists || name == "by-link") << name;
    if (exists && found.kind == FileKind::regular) {
      EXPECT_EQ(found.inode, status.st_ino) << name;
    }
  }
  Tree tree = open();
  std::vector<std::string> through;
  tree.resolve("/usr/lib64", "by-link", &through);
  EXPECT_THAT(through, ElementsAre("/usr/lib64/by-link", "/usr/lib64/near", "/usr/lib64/x"));
}

TEST_F(TreeTest, ReadFileFollowsSymlinksAndReadsRegularFilesOnly) {
  file("etc/text", "hello");
  file("etc/empty");
  symlink("etc/link", "text");
  ASSERT_EQ(::mkfifo(at("etc/fifo").c_str(), 0600), 0);
  Tree tree = open();
  EXPECT_EQ(tree.read_file("/etc/text", 5).value(), "hello");
  EXPECT_EQ(tree.read_file("/etc/link", 5).value(), "hello");
  EXPECT_EQ(tree.read_file("/etc/empty", 0).value(), "");
  const Result<std::string> large = tree.read_file("/etc/text", 4);
  ASSERT_FALSE(large.ok());
  EXPECT_THAT(large.error().reason, HasSubstr("larger than 4 bytes"));
  for (const std::string_view path : {"/etc/fifo", "/etc", "/etc/absent"}) {
    const Result<std::string> text = tree.read_file(path, 100);
    ASSERT_FALSE(text.ok()) << path;
    EXPECT_EQ(text.error().action, "read");
    EXPECT_EQ(text.error().object, root() + std::string(path));
  }
}

TEST_F(TreeTest, OpenFileAndStatusDoNotFollowSymlinks) {
  file("etc/text", "hello");
  symlink("etc/link", "text");
  const Tree tree = open();
  EXPECT_TRUE(tree.open_file("/etc/text", O_RDONLY).ok());
  const Result<Fd> link = tree.open_file("/etc/link", O_RDONLY);
  ASSERT_FALSE(link.ok());
  EXPECT_EQ(link.error().object, root() + "/etc/link");
  const Result<struct stat> status = tree.status("/etc/link");
  ASSERT_TRUE(status.ok());
  EXPECT_TRUE(S_ISLNK(status->st_mode));
  EXPECT_FALSE(tree.status("/etc/absent").ok());
}

TEST_F(TreeTest, DirectoryThatMayNotBeSearchedSaysSo) {
  file("closed/sub/x");
  Tree tree = open();
  std::filesystem::permissions(at("closed"), std::filesystem::perms::none);
  EXPECT_TRUE(as_ordinary_user([&] { return describe(tree.resolve("/closed/x")) == "missing EACCES"; }));
  EXPECT_TRUE(as_ordinary_user([&] { return describe(tree.resolve("/closed/sub/x")) == "missing EACCES"; }));
  EXPECT_TRUE(as_ordinary_user([&] { return !tree.list("/closed").ok(); }));
  std::filesystem::permissions(at("closed"), std::filesystem::perms::owner_all);
}

TEST_F(TreeTest, DirectoryThatMayBeSearchedButNotListedAnswersNameByName) {
  file("hidden/x");
  Tree tree = open();
  std::filesystem::permissions(at("hidden"), static_cast<std::filesystem::perms>(0111));
  EXPECT_TRUE(as_ordinary_user([&] {
    return describe(tree.resolve("/hidden/x")) == "regular /hidden/x" &&
           describe(tree.resolve("/hidden/y")) == "missing ENOENT" && !tree.list("/hidden").ok();
  }));
  std::filesystem::permissions(at("hidden"), std::filesystem::perms::owner_all);
}

}  // namespace
}  // namespace revdep::base
