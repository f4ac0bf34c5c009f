#include "vdb/needed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace revdep::vdb {
namespace {

using namespace std::string_view_literals;
using testing::ElementsAre;
using testing::IsEmpty;

// The only line of `text`; an empty one when there is not exactly one.
NeededLine only_line(std::string_view text) {
  const NeededFile file = parse_needed_elf2(text);
  EXPECT_EQ(file.lines.size(), 1u) << text;
  EXPECT_THAT(file.problems, IsEmpty()) << text;
  return file.lines.size() == 1 ? file.lines[0] : NeededLine{};
}

std::vector<std::string_view> needed_names(std::string_view needed) {
  std::vector<std::string_view> names;
  for_each_needed(needed, [&](std::string_view name) { names.push_back(name); });
  return names;
}

TEST(NeededElf2, SixFields) {
  const NeededLine line = only_line("X86_64;/usr/lib64/liba.so.1;liba.so.1;/opt/a:/opt/b;libb.so.2,libc.so.6;x86_64\n");
  EXPECT_EQ(line.arch, "X86_64");
  EXPECT_EQ(line.path, "/usr/lib64/liba.so.1");
  EXPECT_EQ(line.soname, "liba.so.1");
  EXPECT_EQ(line.rpath, "/opt/a:/opt/b");
  EXPECT_EQ(line.needed, "libb.so.2,libc.so.6");
  EXPECT_EQ(line.category, "x86_64");
  EXPECT_EQ(line.line, 1u);
  EXPECT_FALSE(line.suspicious);
}

TEST(NeededElf2, FiveFieldsFromOlderPortageHaveNoCategory) {
  const NeededLine line = only_line("386;/bin/a;;;libc.so.6\n");
  EXPECT_EQ(line.needed, "libc.so.6");
  EXPECT_EQ(line.category, "");
  EXPECT_FALSE(line.suspicious);
}

TEST(NeededElf2, FieldsBeyondTheSixthAreIgnored) {
  const NeededLine line = only_line("X86_64;/bin/a;;;libc.so.6;x86_64;more;;and more\n");
  EXPECT_EQ(line.needed, "libc.so.6");
  EXPECT_EQ(line.category, "x86_64");
  EXPECT_FALSE(line.suspicious);
}

TEST(NeededElf2, ArchAndCategoryAreIndependent) {
  EXPECT_EQ(only_line("X86_64;/bin/a;;;libc.so.6;x86_x32\n").category, "x86_x32");
  const NeededLine unknown = only_line("UNKNOWN_TYPE;/bin/a;;;libc.so.6;\n");
  EXPECT_EQ(unknown.arch, "UNKNOWN_TYPE");
  EXPECT_EQ(unknown.category, "");
  EXPECT_FALSE(unknown.suspicious);
}

TEST(NeededElf2, RpathOfOneDashBetweenBlanksMeansNone) {
  struct Row {
    std::string_view spelled, rpath;
  };
  for (const Row& row : {Row{"  -  ", ""}, Row{" - ", ""}, Row{"", ""}, Row{"-", "-"}, Row{"  -  :/opt", "  -  :/opt"},
                         Row{"$ORIGIN/../$LIB:${ORIGIN}//x:lib", "$ORIGIN/../$LIB:${ORIGIN}//x:lib"}}) {
    const std::string text = "X86_64;/bin/a;;" + std::string(row.spelled) + ";libc.so.6;x86_64\n";
    EXPECT_EQ(only_line(text).rpath, row.rpath) << text;
  }
}

TEST(NeededElf2, NamesHoldAnyByteButSemicolonAndNewline) {
  for (const std::string_view path : {"/opt/My Dir/my  app", "/a,b", "/a:b", "/tab\there", "/back\\slash\\n", "/a -> b",
                                      "/ leading", "/trailing ", "/carriage\r", "/\xff\xfe", "/ü"}) {
    const std::string text = "X86_64;" + std::string(path) + ";s o;;lib x.so;x86_64\n";
    const NeededLine line = only_line(text);
    EXPECT_EQ(line.path, path);
    EXPECT_EQ(line.soname, "s o");
    EXPECT_EQ(line.needed, "lib x.so");
    EXPECT_FALSE(line.suspicious);
  }
}

TEST(NeededElf2, CarriageReturnStaysInTheLastField) {
  const NeededLine line = only_line("X86_64;/bin/a;;;libc.so.6;x86_64\r\n");
  EXPECT_EQ(line.category, "x86_64\r");
  EXPECT_TRUE(line.suspicious);
}

TEST(NeededElf2, SemicolonInsideAFieldIsSuspicious) {
  for (const std::string_view text : {
           "X86_64;/lib/l.so;l;1.so;;libc.so.6;x86_64\n"sv,       // soname l;1.so
           "X86_64;/lib/l.so;l;1.so;;;x86_64\n"sv,                // the same, nothing needed
           "X86_64;/lib/l.so;l.so;/a;b;libc.so.6;x86_64\n"sv,     // rpath /a;b
           "X86_64;/lib/l.so;l.so;/a;b;libm.so.6,libc.so.6\n"sv,  // the same from older Portage
           "X86_64;/lib/l.so;l.so;/a;b;c;libc.so.6;x86_64\n"sv,   // two of them
           "X86_64;/lib/l.so;l.so;/a;b;./libplain.so;x86_64\n"sv,
       }) {
    EXPECT_TRUE(only_line(text).suspicious) << text;
  }
}

TEST(NeededElf2, MalformedLinesAreNumberedAndTheRestIsUsed) {
  const NeededFile file = parse_needed_elf2(
      "X86_64;/bin/first;;;libc.so.6;x86_64\n"
      "X86_64;/bin/few;;libc.so.6\n"
      "\n"
      "garbage\n"
      "X86_64;relative/path;;;libc.so.6;x86_64\n"
      "X86_64;;;;;\n"
      "X86_64;/nul\0byte;;;libc.so.6;x86_64\n"
      "X86_64;/bin/last;;;libc.so.6;x86_64\n"sv);
  ASSERT_EQ(file.lines.size(), 2u);
  EXPECT_EQ(file.lines[0].path, "/bin/first");
  EXPECT_EQ(file.lines[1].path, "/bin/last");
  EXPECT_EQ(file.lines[1].line, 8u);
  std::vector<std::string> problems;
  for (const LineProblem& problem : file.problems) {
    problems.push_back(std::to_string(problem.line) + ": " + problem.reason);
  }
  EXPECT_THAT(problems, ElementsAre("2: fewer than 5 fields", "4: fewer than 5 fields", "5: path is not absolute",
                                    "6: path is not absolute", "7: NUL byte in the path"));
}

TEST(NeededElf2, NulOutsideThePathIsKeptAndSuspicious) {
  const NeededFile file = parse_needed_elf2(
      "X86_64;/bin/a;;;libc\0so.6;x86_64\n"
      "X86_64;/bin/b;;;libc.so.6;x86_64\n"sv);
  ASSERT_EQ(file.lines.size(), 2u);
  EXPECT_EQ(file.lines[0].needed, "libc\0so.6"sv);
  EXPECT_TRUE(file.lines[0].suspicious);
  EXPECT_FALSE(file.lines[1].suspicious);
}

TEST(NeededElf2, NewlineInAPathLosesThatObjectOnly) {
  const NeededFile file = parse_needed_elf2(
      "X86_64;/bin/a;;;libc.so.6;x86_64\n"
      "X86_64;/opt/new\nline;soname.so;;libc.so.6;x86_64\n"
      "X86_64;/bin/b;;;libc.so.6;x86_64\n");
  ASSERT_EQ(file.lines.size(), 2u);
  EXPECT_EQ(file.lines[0].path, "/bin/a");
  EXPECT_EQ(file.lines[1].path, "/bin/b");
  EXPECT_EQ(file.problems.size(), 2u);
}

TEST(NeededElf2, EmptyAndBlankTextHasNoLines) {
  for (const std::string_view text : {""sv, "\n"sv, "\n\n\n"sv}) {
    EXPECT_THAT(parse_needed_elf2(text).lines, IsEmpty());
    EXPECT_THAT(parse_needed_elf2(text).problems, IsEmpty());
  }
}

TEST(NeededElf2, LastLineWithoutNewlineMayBeCut) {
  const NeededLine line = only_line("X86_64;/bin/a;;;libc.so");
  EXPECT_EQ(line.needed, "libc.so");
  EXPECT_TRUE(line.suspicious);
}

TEST(NeededElf2, TextCutAnywhereKeepsItsWholeLines) {
  const std::string text =
      "X86_64;/usr/lib64/libmid.so.0;libmid.so.0;;libfoo.so.2;x86_64\n"
      "386;/opt/My Dir/my  app;;$ORIGIN/../lib:/opt/b//;libpriv.so.3,libc.so.6;x86_32\n"
      "X86_64;/usr/bin/stat;;;;x86_64\n";
  const NeededFile whole = parse_needed_elf2(text);
  ASSERT_EQ(whole.lines.size(), 3u);
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const std::string_view cut = std::string_view(text).substr(0, size);
    const NeededFile file = parse_needed_elf2(cut);
    const std::size_t whole_lines = static_cast<std::size_t>(std::count(cut.begin(), cut.end(), '\n'));
    ASSERT_GE(file.lines.size(), whole_lines) << cut;
    for (std::size_t i = 0; i < whole_lines; ++i) {
      EXPECT_EQ(file.lines[i].path, whole.lines[i].path);
      EXPECT_EQ(file.lines[i].soname, whole.lines[i].soname);
      EXPECT_EQ(file.lines[i].rpath, whole.lines[i].rpath);
      EXPECT_EQ(file.lines[i].needed, whole.lines[i].needed);
      EXPECT_EQ(file.lines[i].category, whole.lines[i].category);
      EXPECT_FALSE(file.lines[i].suspicious);
    }
    // What follows the last newline is a line in doubt, or a problem, or nothing.
    const std::size_t rest = cut.empty() || cut.ends_with('\n') ? 0 : 1;
    EXPECT_EQ(file.lines.size() + file.problems.size(), whole_lines + rest) << cut;
    if (file.lines.size() > whole_lines) {
      EXPECT_TRUE(file.lines.back().suspicious) << cut;
    }
  }
}

TEST(NeededElf2, AMillionSemicolonsAreOneLine) {
  const std::string text = "X86_64;/bin/a;;;" + std::string(1'000'000, ';') + '\n';
  EXPECT_TRUE(only_line(text).suspicious);
}

TEST(NeededNames, EmptyOnesAreSkipped) {
  EXPECT_THAT(needed_names(""), IsEmpty());
  EXPECT_THAT(needed_names(",,"), IsEmpty());
  EXPECT_THAT(needed_names("libc.so.6"), ElementsAre("libc.so.6"));
  EXPECT_THAT(needed_names(",./a.so,,lib b.so, "), ElementsAre("./a.so", "lib b.so", " "));
}

TEST(Needed, SplitsAtTheLastBlank) {
  const NeededFile file = parse_needed("/bin/a libc.so.6\n/opt/My Dir/my  app libm.so.6,libc.so.6\n");
  ASSERT_EQ(file.lines.size(), 2u);
  EXPECT_THAT(file.problems, IsEmpty());
  EXPECT_EQ(file.lines[0].path, "/bin/a");
  EXPECT_EQ(file.lines[0].needed, "libc.so.6");
  EXPECT_EQ(file.lines[1].path, "/opt/My Dir/my  app");
  EXPECT_EQ(file.lines[1].needed, "libm.so.6,libc.so.6");
  EXPECT_EQ(file.lines[1].line, 2u);
  EXPECT_EQ(file.lines[1].arch, "");
  EXPECT_EQ(file.lines[1].category, "");
  EXPECT_FALSE(file.lines[1].suspicious);
}

TEST(Needed, ObjectThatNeedsNothingEndsInABlank) {
  const NeededFile file = parse_needed("/usr/lib64/obj.o \n");
  ASSERT_EQ(file.lines.size(), 1u);
  EXPECT_EQ(file.lines[0].path, "/usr/lib64/obj.o");
  EXPECT_EQ(file.lines[0].needed, "");
}

TEST(Needed, MalformedLinesAreProblems) {
  const NeededFile file = parse_needed("/bin/noblank\nrelative libc.so.6\n/n\0l libc.so.6\n/bin/a libc.so"sv);
  ASSERT_EQ(file.lines.size(), 1u);
  EXPECT_EQ(file.lines[0].path, "/bin/a");
  EXPECT_TRUE(file.lines[0].suspicious);
  ASSERT_EQ(file.problems.size(), 3u);
  EXPECT_EQ(file.problems[0].line, 1u);
  EXPECT_EQ(file.problems[1].line, 2u);
  EXPECT_EQ(file.problems[2].line, 3u);
}

}  // namespace
}  // namespace revdep::vdb
