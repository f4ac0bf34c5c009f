// ld.so.conf, musl's path file and ld.so.preload as their readers really take them.
#include "loader/ld_so_conf.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "support/command.h"
#include "support/elf_builder.h"
#include "support/temp_dir.h"

namespace revdep::loader {
namespace {

using Kind = ConfLine::Kind;
using Lines = std::vector<ConfLine>;
using Strings = std::vector<std::string>;

TEST(ParseLdSoConf, CommentsAndBlanksAreNoPartOfADirectory) {
  EXPECT_EQ(parse_ld_so_conf("# all\n\n  \t /usr/lib  # end\n/opt/x y/lib\t\r\n"),
            (Lines{{Kind::directory, "/usr/lib"}, {Kind::directory, "/opt/x y/lib"}}));
}

TEST(ParseLdSoConf, LastLineNeedsNoNewline) {
  EXPECT_EQ(parse_ld_so_conf("/a\n/b"), (Lines{{Kind::directory, "/a"}, {Kind::directory, "/b"}}));
}

TEST(ParseLdSoConf, TrailingSlashesAreCutAndTheRootIsIgnored) {
  EXPECT_EQ(parse_ld_so_conf("/a///\n/\n///\n"), (Lines{{Kind::directory, "/a"}}));
}

TEST(ParseLdSoConf, TypeSuffixIsCut) {
  EXPECT_EQ(parse_ld_so_conf("/usr/lib=libc5\n/d =x\n=libc6\n"),
            (Lines{{Kind::directory, "/usr/lib"}, {Kind::directory, "/d"}}));
}

TEST(ParseLdSoConf, IncludeTakesSeveralGlobs) {
  EXPECT_EQ(parse_ld_so_conf(" include\t/a/*.conf  b.conf # c\n"),
            (Lines{{Kind::include, "/a/*.conf"}, {Kind::include, "b.conf"}}));
}

TEST(ParseLdSoConf, IncludeWithoutABlankIsADirectory) {
  EXPECT_EQ(parse_ld_so_conf("included\ninclude\n"),
            (Lines{{Kind::directory, "included"}, {Kind::directory, "include"}}));
}

TEST(ParseLdSoConf, HwcapIsIgnoredInAnyCase) {
  EXPECT_EQ(parse_ld_so_conf("hwcap 0 nosegneg\nHWCap\t1 x\nhwcaps\n"), (Lines{{Kind::directory, "hwcaps"}}));
}

TEST(ParseLdSoConf, NulEndsTheLine) {
  EXPECT_EQ(parse_ld_so_conf(std::string_view("/a\0/b\n/c\n", 9)),
            (Lines{{Kind::directory, "/a"}, {Kind::directory, "/c"}}));
}

class ReadLdSoConf : public testing::Test {
 protected:
  void write(const std::string& name, std::string_view text) { support::write_file(root_ / name, text); }
  void make_directories(const Strings& names) {
    for (const std::string& name : names) std::filesystem::create_directories(root_ / name);
  }
  ConfDirectories read() {
    base::Result<base::Tree> tree = base::Tree::open(root_.string());
    EXPECT_TRUE(tree.ok());
    return read_ld_so_conf(*tree);
  }
  support::TempDir root_;
};

TEST_F(ReadLdSoConf, AbsentFileHasNoDirectoriesAndNoProblem) {
  const ConfDirectories read_in = read();
  EXPECT_TRUE(read_in.directories.empty());
  EXPECT_TRUE(read_in.problems.empty());
}

TEST_F(ReadLdSoConf, IncludedDirectoriesStandWhereTheIncludeStands) {
  make_directories({"/a", "/b", "/c", "/d", "/other"});
  write("etc/ld.so.conf", "/d\ninclude ld.so.conf.d/*.conf\n/a\n");
  write("etc/ld.so.conf.d/2.conf", "/b\n");
  write("etc/ld.so.conf.d/10.conf", "/c\n");
  write("etc/ld.so.conf.d/.hidden.conf", "/other\n");
  write("etc/ld.so.conf.d/other", "/other\n");
  EXPECT_EQ(read().directories, (Strings{"/d", "/c", "/b", "/a"}));
}

TEST_F(ReadLdSoConf, WildcardsMayStandInAnyComponent) {
  make_directories({"/a", "/b", "/c", "/d", "/other"});
  write("etc/ld.so.conf", "include /opt/*/ld/[12].conf /opt/x\\*y /opt/\\z\n");
  write("opt/p/ld/1.conf", "/a\n");
  write("opt/q/ld/2.conf", "/b\n");
  write("opt/q/ld/3.conf", "/other\n");
  write("opt/x*y", "/c\n");
  write("opt/xxy", "/other\n");
  write("opt/z", "/d\n");
  EXPECT_EQ(read().directories, (Strings{"/a", "/b", "/c", "/d"}));
}

TEST_F(ReadLdSoConf, GlobThatMatchesNothingIsSilent) {
  make_directories({"/a"});
  write("etc/ld.so.conf", "include /none/*.conf /missing.conf /etc/*.d\n/a\n");
  make_directories({"/etc/x.d"});
  const ConfDirectories read_in = read();
  EXPECT_EQ(read_in.directories, Strings{"/a"});
  EXPECT_TRUE(read_in.problems.empty());
}

TEST_F(ReadLdSoConf, FileThatIncludesItselfIsReadOnce) {
  make_directories({"/a", "/b"});
  write("etc/ld.so.conf", "/a\ninclude ld.so.conf\n/b\n");
  const ConfDirectories read_in = read();
  EXPECT_EQ(read_in.directories, (Strings{"/a", "/b"}));
  EXPECT_TRUE(read_in.problems.empty());
}

TEST_F(ReadLdSoConf, EndlessChainOfIncludesIsCutAndReported) {
  write("etc/ld.so.conf", "include 0\n");
  for (int i = 0; i < 100; ++i) write("etc/" + std::to_string(i), "include " + std::to_string(i + 1) + "\n");
  const ConfDirectories read_in = read();
  ASSERT_EQ(read_in.problems.size(), 1U);
  EXPECT_TRUE(read_in.problems[0].reason.starts_with("too many files within each other"))
      << read_in.problems[0].to_string();
}

TEST_F(ReadLdSoConf, OnePlaceUnderTwoNamesCountsOnceAsFirstSpelled) {
  make_directories({"/usr/lib"});
  std::filesystem::create_directory_symlink("usr/lib", root_ / "lib");
  write("etc/ld.so.conf", "/lib\n/usr/lib/\n/usr/./lib\n");
  EXPECT_EQ(read().directories, Strings{"/lib"});
}

TEST_F(ReadLdSoConf, AbsoluteSymlinksStayInsideTheRoot) {
  make_directories({"/a"});
  write("real/conf", "/a\n");
  std::filesystem::create_directories(root_ / "etc");
  std::filesystem::create_symlink("/real/conf", root_ / "etc/ld.so.conf");
  EXPECT_EQ(read().directories, Strings{"/a"});
}

TEST_F(ReadLdSoConf, RelativeDirectoryIsReported) {
  make_directories({"/rel"});
  write("etc/ld.so.conf", "rel\n");
  const ConfDirectories read_in = read();
  EXPECT_TRUE(read_in.directories.empty());
  ASSERT_EQ(read_in.problems.size(), 1U);
  EXPECT_EQ(read_in.problems[0].to_string(),
            "cannot use directory rel: relative, in " + root_.string() + "/etc/ld.so.conf");
}

TEST_F(ReadLdSoConf, FileThatCannotBeReadIsReported) {
  write("etc/ld.so.conf", std::string((std::size_t{1} << 20) + 1, '#'));
  EXPECT_EQ(read().problems.size(), 1U);
}

// The real ldconfig names the directories that it searches, in order, and then its built-in ones.
TEST_F(ReadLdSoConf, AgreesWithLdconfig) {
  if (!support::have_program("ldconfig")) GTEST_SKIP() << "no ldconfig here";
  make_directories({"/a", "/b", "/c", "/d x", "/e", "/f"});
  std::filesystem::create_directory_symlink("/b", root_ / "link");
  write(
      "etc/ld.so.conf",
      "  /a// # c\n/a/.\n#/f\ninclude /etc/c.d/*.conf /none /etc/[x-z]/?.c\n/d x \t\n/missing\n/link\nHWCAP 0 x\n/b\n");
  write("etc/c.d/b.conf", "/c\n");
  write("etc/c.d/a.conf", "/e\n");
  write("etc/y/1.c", "/b/\n");
  const support::Outcome listed =
      support::run({"ldconfig", "-v", "-N", "-X", "-C", "/etc/cache", "-r", root_.string()});
  ASSERT_EQ(listed.status, 0) << listed.err;
  Strings expected;
  std::string_view rest = listed.out;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const std::size_t from = line.find(": (from /etc");
    if (from != std::string_view::npos) expected.emplace_back(line.substr(0, from));
  }
  if (expected.empty()) GTEST_SKIP() << "this ldconfig does not tell where a directory comes from";
  EXPECT_EQ(read().directories, expected);
}

TEST(ParseMuslPath, NewlinesAndColonsSeparate) {
  EXPECT_EQ(parse_musl_path("/lib/x86_64-linux-musl\n/usr/lib:/a b\n\n::"),
            (Strings{"/lib/x86_64-linux-musl", "/usr/lib", "/a b"}));
  EXPECT_EQ(parse_musl_path(""), Strings{});
}

// Expectations of these were seen from glibc 2.36's ld.so in a chroot ("object 'x' from /etc/ld.so.preload ...").
TEST(ParsePreload, BlanksNewlinesAndColonsSeparate) {
  EXPECT_EQ(parse_preload("a b:c\td\ne # x\nf"), (Strings{"a", "b", "c", "d", "e", "f"}));
  EXPECT_EQ(parse_preload("x"), Strings{"x"});
  EXPECT_EQ(parse_preload("a\rb\n"), Strings{"a\rb"});
  EXPECT_EQ(parse_preload(""), Strings{});
}

TEST(ParsePreload, CommentNeedsNoBlankBefore) {
  EXPECT_EQ(parse_preload("a#b\nc\n"), (Strings{"a", "c"}));
  EXPECT_EQ(parse_preload("#only"), Strings{});
}

TEST(ParsePreload, CommentPastTheRestOfTheFileIsOverlookedAsInGlibc) {
  EXPECT_EQ(parse_preload("# one\naa\n# two words\nbb # three\ncc\n"), (Strings{"aa", "bb", "#", "three", "cc"}));
  EXPECT_EQ(parse_preload("a # c1\n# c2 is long and goes on and on\nzz # c3\n"), (Strings{"a", "zz", "#", "c3"}));
}

TEST(ParsePreload, NulEndsTheListButForTheLastName) {
  EXPECT_EQ(parse_preload(std::string_view("a\0b\nc", 5)), (Strings{"a", "c"}));
  EXPECT_EQ(parse_preload(std::string_view("a\0b\nc\n", 6)), Strings{"a"});
}

}  // namespace
}  // namespace revdep::loader
