#include "vdb/contents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace revdep::vdb {
namespace {

using namespace std::string_view_literals;
using testing::IsEmpty;

constexpr std::string_view md5 = "094e31590e7f1a60e29cfcb77175731d";

struct Row {
  std::string_view text;
  EntryType type;
  std::string_view path;
  std::string_view target = {};
  std::string_view sum = {};
  std::int64_t mtime = 0;
};

TEST(Contents, EveryKindOfEntry) {
  const Row rows[] = {
      {"dir /opt/My Dir\n", EntryType::directory, "/opt/My Dir"},
      {"fif /run/a fifo\n", EntryType::fifo, "/run/a fifo"},
      {"dev /dev/null\n", EntryType::device, "/dev/null"},
      {"obj /bin/a 094e31590e7f1a60e29cfcb77175731d 1795321728\n", EntryType::object, "/bin/a", "", md5, 1795321728},
      {"sym /usr/bin/z -> x 1795321741\n", EntryType::symlink, "/usr/bin/z", "x", "", 1795321741},
  };
  for (const Row& row : rows) {
    const Contents contents = parse_contents(row.text);
    ASSERT_EQ(contents.entries.size(), 1u) << row.text;
    EXPECT_THAT(contents.problems, IsEmpty()) << row.text;
    const ContentsEntry& entry = contents.entries[0];
    EXPECT_EQ(entry.type, row.type) << row.text;
    EXPECT_EQ(entry.path, row.path) << row.text;
    EXPECT_EQ(entry.target, row.target) << row.text;
    EXPECT_EQ(entry.md5, row.sum) << row.text;
    EXPECT_EQ(entry.mtime, row.mtime) << row.text;
  }
}

TEST(Contents, ObjectsAreParsedFromTheRight) {
  for (const std::string_view path : {"/opt/My Dir/my  app", "/a b 12 34", "/x -> y", "/trailing ", "/ ", "/tab\t",
                                      "/dir /obj", "/back\\slash", "/\xff"}) {
    const std::string text = "obj " + std::string(path) + ' ' + std::string(md5) + " 17\n";
    const Contents contents = parse_contents(text);
    ASSERT_EQ(contents.entries.size(), 1u) << text;
    EXPECT_EQ(contents.entries[0].path, path);
    EXPECT_EQ(contents.entries[0].md5, md5);
    EXPECT_EQ(contents.entries[0].mtime, 17);
  }
}

TEST(Contents, SymlinksAreSplitAtTheLastArrow) {
  struct Case {
    std::string_view text, path, target;
  };
  for (const Case& c : {Case{"sym /a -> b -> c 5\n", "/a -> b", "c"}, Case{"sym /a b -> c d 5\n", "/a b", "c d"},
                        Case{"sym /a ->  5 5\n", "/a", " 5"}, Case{"sym /a -> b ->  5\n", "/a", "b -> "},
                        Case{"sym /a -> (b) 5\n", "/a", "(b)"}, Case{"sym /a->b -> c->d 5\n", "/a->b", "c->d"}}) {
    const Contents contents = parse_contents(c.text);
    ASSERT_EQ(contents.entries.size(), 1u) << c.text;
    EXPECT_EQ(contents.entries[0].path, c.path) << c.text;
    EXPECT_EQ(contents.entries[0].target, c.target) << c.text;
    EXPECT_EQ(contents.entries[0].mtime, 5) << c.text;
  }
}

TEST(Contents, OldestSymlinksCarryAStatTuple) {
  const Contents contents = parse_contents(
      "sym /usr/lib/l.so -> l.so.1 (41471, 1061L, 773L, 1, 0, 0, 9L, 1012345678, 1000000017, 1000000018)\n");
  ASSERT_EQ(contents.entries.size(), 1u);
  EXPECT_EQ(contents.entries[0].path, "/usr/lib/l.so");
  EXPECT_EQ(contents.entries[0].target, "l.so.1");
  EXPECT_EQ(contents.entries[0].mtime, 1000000017);
}

TEST(Contents, MalformedEntriesAreNumberedAndTheRestIsUsed) {
  const std::vector<std::string_view> malformed = {
      "obj"sv,
      "obj "sv,
      "obj /a"sv,
      "obj /a 094e31590e7f1a60e29cfcb77175731d"sv,
      "obj /a 094e31590e7f1a60e29cfcb77175731d x17"sv,
      "obj /a 094e31590e7f1a60e29cfcb77175731d 17x"sv,
      "obj /a 094e31590e7f1a60e29cfcb77175731d 99999999999999999999999"sv,
      "obj relative 094e31590e7f1a60e29cfcb77175731d 17"sv,
      "obj /n\0l 094e31590e7f1a60e29cfcb77175731d 17"sv,
      "obj  094e31590e7f1a60e29cfcb77175731d 17"sv,
      "sym /a -> b"sv,
      "sym /a b 17"sv,
      "sym /a ->  17"sv,
      "sym  -> b 17"sv,
      "sym  ->  17"sv,
      "sym /a -> b (1, 2, 3)"sv,
      "sym /a -> b (1, 2, 3, 4, 5, 6, 7, 8, x, 10)"sv,
      "sym /a -> b (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)"sv,
      "sym /a -> b)"sv,
      "dir "sv,
      "dir"sv,
      "dir relative"sv,
      "sock /run/x"sv,
      " dir /a"sv,
  };
  std::string text = "dir /first\n";
  for (const std::string_view line : malformed) text += std::string(line) + '\n';
  text += "dir /last\n";

  const Contents contents = parse_contents(text);
  ASSERT_EQ(contents.entries.size(), 2u);
  EXPECT_EQ(contents.entries[0].path, "/first");
  EXPECT_EQ(contents.entries[1].path, "/last");
  ASSERT_EQ(contents.problems.size(), malformed.size());
  for (std::size_t i = 0; i < malformed.size(); ++i) {
    EXPECT_EQ(contents.problems[i].line, i + 2) << malformed[i];
    EXPECT_NE(contents.problems[i].reason, "") << malformed[i];
  }
}

TEST(Contents, NewlineInANameLosesThatEntryOnly) {
  const Contents contents = parse_contents("dir /a\nobj /opt/new\nline 094e31590e7f1a60e29cfcb77175731d 17\ndir /b\n");
  ASSERT_EQ(contents.entries.size(), 2u);
  EXPECT_EQ(contents.entries[0].path, "/a");
  EXPECT_EQ(contents.entries[1].path, "/b");
  EXPECT_EQ(contents.problems.size(), 2u);
}

TEST(Contents, BlankLinesAreSkipped) {
  const Contents contents = parse_contents("\n\ndir /a\n\n");
  EXPECT_EQ(contents.entries.size(), 1u);
  EXPECT_THAT(contents.problems, IsEmpty());
  EXPECT_THAT(parse_contents("").entries, IsEmpty());
}

TEST(Contents, TextCutAnywhereKeepsItsWholeLines) {
  const std::string text =
      "dir /opt\n"
      "obj /opt/My Dir/my  app 094e31590e7f1a60e29cfcb77175731d 1795321728\n"
      "sym /usr/linkdir -> real 1795321741\n"
      "fif /run/f\n";
  const Contents whole = parse_contents(text);
  ASSERT_EQ(whole.entries.size(), 4u);
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const std::string_view cut = std::string_view(text).substr(0, size);
    const Contents contents = parse_contents(cut);
    const std::size_t whole_lines = static_cast<std::size_t>(std::count(cut.begin(), cut.end(), '\n'));
    ASSERT_GE(contents.entries.size(), whole_lines) << cut;
    for (std::size_t i = 0; i < whole_lines; ++i) {
      EXPECT_EQ(contents.entries[i].path, whole.entries[i].path);
      EXPECT_EQ(contents.entries[i].mtime, whole.entries[i].mtime);
    }
    EXPECT_LE(contents.problems.size(), 1u) << cut;
  }
}

}  // namespace
}  // namespace revdep::vdb
