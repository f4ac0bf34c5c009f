#include "config/import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "config/glob.h"
#include "config/rules.h"

namespace revdep::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

std::string import(ForeignFormat format, std::string_view text, std::vector<std::string>& errors) {
  Imported imported = import_rules(format, text, "old.conf");
  for (const base::Error& error : imported.errors) errors.push_back(error.to_string());
  Rules rules;
  EXPECT_THAT(parse_rules(imported.rules, "new.conf", rules), IsEmpty()) << imported.rules;
  return std::move(imported.rules);
}

std::string import(ForeignFormat format, std::string_view text) {
  std::vector<std::string> errors;
  std::string rules = import(format, text, errors);
  EXPECT_THAT(errors, IsEmpty());
  return rules;
}

// What is wrong with one line, of which nothing is imported.
std::string fault(ForeignFormat format, std::string_view line) {
  std::vector<std::string> errors;
  EXPECT_EQ(import(format, line, errors), "");
  if (errors.size() != 1) return "errors: " + std::to_string(errors.size());
  EXPECT_THAT(errors[0], StartsWith("cannot import old.conf:1: "));
  return errors[0].substr(std::string_view("cannot import old.conf:1: ").size());
}

constexpr auto paxctld = ForeignFormat::paxctld;
constexpr auto paxd = ForeignFormat::paxd;
constexpr auto paxrat = ForeignFormat::paxrat;

const std::string each = "they are one to five of PEMRS, upper case on, lower case off, each once";

TEST(Import, KnowsItsFormatsByName) {
  EXPECT_EQ(parse_foreign_format("paxctld"), paxctld);
  EXPECT_EQ(parse_foreign_format("paxd"), paxd);
  EXPECT_EQ(parse_foreign_format("paxrat"), paxrat);
  EXPECT_EQ(parse_foreign_format("paxctl"), std::nullopt);
}

TEST(ImportPaxctld, AddsTheEThatItWritesUnlessEIsGiven) {
  EXPECT_EQ(import(paxctld,
                   "# grub\n"
                   "\n"
                   "/usr/bin/grub-script-check\tE\n"
                   "  /usr/bin/node\t\t\tm\r\n"
                   "\t# indented\n"
                   "/usr/bin/java mr # its manual says so\n"
                   "/usr/bin/wine-preloader psmr"),
            "mark /usr/bin/grub-script-check E\n"
            "mark /usr/bin/node em\n"
            "mark /usr/bin/java emr\n"
            "mark /usr/bin/wine-preloader pemrs\n");
}

TEST(ImportPaxctld, KeepsNonrootAndPathsWithBlanks) {
  EXPECT_EQ(import(paxctld,
                   "\"/home/u/My Game/x\" m nonroot\n"
                   "\"/usr/bin/plain\" em\n"
                   "/opt/x em nonroot  # u's own\n"),
            "mark \"/home/u/My Game/x\" em nonroot\n"
            "mark /usr/bin/plain em\n"
            "mark /opt/x em nonroot\n");
}

TEST(ImportPaxctld, QuotesHaveNoEscapesAndWildcardsMeanThemselves) {
  EXPECT_EQ(import(paxctld, "\"/opt/a \\b\" m\n/usr/bin/[ m\n/opt/c#/x*y\"z m\n"),
            "mark \"/opt/a \\\\\\\\b\" em\n"
            "mark /usr/bin/\\[ em\n"
            "mark \"/opt/c#/x\\\\*y\\\"z\" em\n");
}

TEST(ImportPaxctld, NamesTheMistakesOfItsUsers) {
  const std::string meant = "; meant is: PATH FLAGS [nonroot]";
  EXPECT_EQ(fault(paxctld, "m /usr/bin/x"), "the path comes before the flags: /usr/bin/x m");
  EXPECT_EQ(fault(paxctld, "/usr/bin/x"), "the flags are missing" + meant);
  EXPECT_EQ(fault(paxctld, "/usr/bin/x # m"), "the flags are missing" + meant);
  EXPECT_EQ(fault(paxctld, "/opt/My Game/x m"),
            "more than one name before the flags; a path with blanks is put in double quotes" + meant);
  EXPECT_EQ(fault(paxctld, "/opt/My Game/x m nonroot"),
            "more than one name before the flags; a path with blanks is put in double quotes" + meant);
  EXPECT_EQ(fault(paxctld, "\"/opt/My Game/x m"), "the closing quote is missing");
  EXPECT_EQ(fault(paxctld, "\"/opt/My Game/x\"m"), "a blank is missing after the quoted path \"/opt/My Game/x\"");
  EXPECT_EQ(fault(paxctld, "/usr/bin/x m root"), "'root' stands where only 'nonroot' can" + meant);
  EXPECT_EQ(fault(paxctld, "/usr/bin/x m nonroot r"), "something stands after 'nonroot'" + meant);
  EXPECT_EQ(fault(paxctld, "/usr/bin/x mx"), "'mx' are no flags: " + each);
  EXPECT_EQ(fault(paxctld, "/usr/bin/x -em--"), "'-em--' are no flags: leave out the dashes, as in 'em'");
  EXPECT_EQ(fault(paxctld, "/usr/bin/x mM"), "'mM' are no flags: 'm' and 'M' contradict each other");
  EXPECT_EQ(fault(paxctld, "usr/bin/x m"), "'usr/bin/x' is no absolute path: it must begin with /");
  EXPECT_EQ(fault(paxctld, "/usr//bin/x m"),
            "'/usr//bin/x' fits no file: paths have no //, . or .., and do not end in /");
  EXPECT_EQ(fault(paxctld, std::string_view("/usr/\0 m", 8)), "the path holds a NUL byte");
}

TEST(ImportPaxctld, OfTwoLinesForOnePathTheLastHoldsAndTheOtherIsNamed) {
  std::vector<std::string> errors;
  EXPECT_EQ(import(paxctld, "/usr/bin/x m\n/usr/bin/y m\n\"/usr/bin/x\" r\n/usr/bin/x E\n", errors),
            "mark /usr/bin/y em\nmark /usr/bin/x E\n");
  EXPECT_THAT(errors, ElementsAre("cannot import old.conf:1: the same path stands at line 3, which holds, as with "
                                  "paxctld: mark /usr/bin/x er",
                                  "cannot import old.conf:3: the same path stands at line 4, which holds, as with "
                                  "paxctld: mark /usr/bin/x E"));
}

TEST(Import, OneBadLineNeverSpoilsTheOthersAndAllAreNamedInOrder) {
  std::vector<std::string> errors;
  EXPECT_EQ(import(paxctld, "/usr/bin/x\n/usr/bin/y m\n/a q\n/b m\nm\n", errors), "mark /usr/bin/y em\nmark /b em\n");
  ASSERT_EQ(errors.size(), 3U);
  EXPECT_THAT(errors[0], StartsWith("cannot import old.conf:1: "));
  EXPECT_THAT(errors[1], StartsWith("cannot import old.conf:3: "));
  EXPECT_THAT(errors[2], StartsWith("cannot import old.conf:5: "));
}

TEST(ImportPaxd, KeepsTheFlagsAsTheyAreAndSaysWhereTheySwitchEmutrampOn) {
  EXPECT_EQ(import(paxd,
                   "# comment\n"
                   "\n"
                   "em /usr/bin/x\n"
                   "m\t /usr/bin/y\n"
                   "  E /usr/bin/z\n"
                   "PeMRs /usr/bin/w\n"),
            "mark /usr/bin/x em\n"
            "# without an e this switches EMUTRAMP on\n"
            "mark /usr/bin/y m\n"
            "mark /usr/bin/z E\n"
            "mark /usr/bin/w PeMRs\n");
}

TEST(ImportPaxd, SaysWhatAnAmd64KernelRefuses) {
  const std::string rules = import(paxd, "psmr /usr/bin/wine-preloader\npemrs /usr/bin/wine64-preloader");
  EXPECT_THAT(rules, StartsWith("# an amd64 kernel refuses this: "));
  EXPECT_EQ(rules.substr(rules.find('\n') + 1),
            "mark /usr/bin/wine-preloader pmrs\nmark /usr/bin/wine64-preloader pemrs\n");
}

TEST(ImportPaxd, ThePathIsTheRestOfTheLine) {
  EXPECT_EQ(import(paxd, "em /opt/My Game/x # y\nem /opt/\"q\"\n"),
            "mark \"/opt/My Game/x # y\" em\nmark \"/opt/\\\"q\\\"\" em\n");
}

TEST(ImportPaxd, NamesTheMistakesOfItsUsers) {
  EXPECT_EQ(fault(paxd, "/usr/bin/x em"), "the flags come before the path: em /usr/bin/x");
  EXPECT_EQ(fault(paxd, "/opt/My Game/x em"), "the flags come before the path; meant is: FLAGS PATH");
  EXPECT_EQ(fault(paxd, "em"), "the path is missing; meant is: FLAGS PATH");
  EXPECT_EQ(fault(paxd, " # comment"), "a comment begins in the first column");
  EXPECT_EQ(fault(paxd, "em /usr/bin/x "), "it ends in a blank, which would belong to the path");
  EXPECT_EQ(fault(paxd, "em /usr/bin/x\r\n"), "it ends in a carriage return, which would belong to the path");
  EXPECT_EQ(fault(paxd, "em \"/opt/My Game/x\""), "'\"/opt/My Game/x\"' is no absolute path: it must begin with /");
  EXPECT_EQ(fault(paxd, "mm /usr/bin/x"), "'mm' are no flags: 'm' stands twice");
  EXPECT_EQ(fault(paxd, "rmR /usr/bin/x"), "'rmR' are no flags: 'r' and 'R' contradict each other");
  EXPECT_EQ(fault(paxd, "xm /usr/bin/x"), "'xm' are no flags: " + each);
}

TEST(ImportPaxd, OfTwoLinesForOnePathTheFirstHoldsAndTheOtherIsNamed) {
  std::vector<std::string> errors;
  EXPECT_EQ(import(paxd, "em /usr/bin/x\nem /usr/bin/y\nemr /usr/bin/x\nem /usr/bin/x\n", errors),
            "mark /usr/bin/x em\nmark /usr/bin/y em\n");
  const std::string why = "the same path stands at line 1, which holds, as with paxd: mark /usr/bin/x em";
  EXPECT_THAT(errors, ElementsAre("cannot import old.conf:3: " + why, "cannot import old.conf:4: " + why));
}

TEST(ImportPaxrat, ReadsItsJsonWithCommentLines) {
  EXPECT_EQ(import(paxrat,
                   "# of the vendor\n"
                   "{ \"/usr/bin/gnome-shell\": {\n"
                   "    \"flags\": \"mr\",\n"
                   "  # \"flags\": \"E\",\n"
                   "    \"nonroot\": false\n"
                   "  },\n"
                   "  \"/home/u/x#y\": {\"nonroot\": true, \"flags\": \"pm\"},\n"
                   "  \"/usr/sbin/grub-probe\": {\"flags\": \"E\", \"nodivert\": true}\n"
                   "}\n"),
            "mark /usr/bin/gnome-shell emr\n"
            "mark \"/home/u/x#y\" pem nonroot\n"
            "mark /usr/sbin/grub-probe E\n");
  EXPECT_EQ(import(paxrat, "{}"), "");
}

TEST(ImportPaxrat, PathsKeepTheirOddBytes) {
  EXPECT_EQ(
      import(paxrat, R"({"/a \"b\" #\\c": {"flags": "m"}, "/t\tab\u0001": {"flags": "m"}, "/\u00e9": {"flags": "m"}})"),
      "mark \"/a \\\"b\\\" #\\\\\\\\c\" em\n"
      "mark \"/t\tab\x01\" em\n"
      "mark /\xc3\xa9 em\n");
  EXPECT_EQ(fault(paxrat, R"({"/a\nb": {"flags": "m"}})"), "no rule can name a path with a line break");
  EXPECT_EQ(fault(paxrat, R"({"/a\u0000b": {"flags": "m"}})"), "the path holds a NUL byte");
}

TEST(ImportPaxrat, NamesWhatIsNotMeantAndReadsTheOtherEntries) {
  const std::string meant = R"(; meant is: {"PATH": {"flags": "FLAGS", "nonroot": true}})";
  std::vector<std::string> errors;
  EXPECT_EQ(import(paxrat,
                   "{\"/a\": \"m\",\n"
                   "\"/b\": {\"nonroot\": true},\n"
                   "\"/c\": {\"flags\": [\"m\", {\"flags\": \"r\"}]},\n"
                   "\"/d\": {\"flags\": \"m\", \"nonroot\": \"yes\"},\n"
                   "\"/e\": {\"flags\": \"m\", \"nonrot\": {\"flags\": \"r\"}},\n"
                   "\"/f\": [{\"flags\": \"m\"}, \"flags\"],\n"
                   "\"/g\": {\"flags\": \"m\", \"flags\": \"r\"},\n"
                   "\"/h\": {\"flags\": \"mx\"},\n"
                   "\"/i\": {\"flags\": \"m\", \"comment\": null}\n"
                   "}",
                   errors),
            "mark /e em\nmark /g er\nmark /i em\n");
  EXPECT_THAT(errors,
              ElementsAre("cannot import old.conf:1: the value of \"/a\" is no object" + meant,
                          "cannot import old.conf:2: \"/b\" has no flags" + meant,
                          "cannot import old.conf:3: \"flags\" is no string" + meant,
                          "cannot import old.conf:4: \"nonroot\" is no true or false" + meant,
                          "cannot import old.conf:5: unknown member \"nonrot\"; did you mean 'nonroot'?",
                          "cannot import old.conf:6: the value of \"/f\" is no object" + meant,
                          "cannot import old.conf:7: \"flags\" stands twice in one entry; the last one holds, as with "
                          "paxrat",
                          "cannot import old.conf:8: 'mx' are no flags: " + each,
                          "cannot import old.conf:9: unknown member \"comment\"; known are: flags, nonroot, nodivert"));
  EXPECT_EQ(fault(paxrat, R"([{"/a": {"flags": "m"}}])"), "the file is no object" + meant);
  EXPECT_EQ(fault(paxrat, R"("/a")"), "the file is no object" + meant);
}

TEST(ImportPaxrat, OfTwoEntriesForOnePathTheLastHoldsAndTheOtherIsNamed) {
  std::vector<std::string> errors;
  EXPECT_EQ(import(paxrat,
                   "{\"/usr/sbin/grub-probe\": {\n\"flags\": \"E\"},\n"
                   "\n"
                   "\"/usr/sbin/grub-probe\": {\n\"flags\": \"m\"}}\n",
                   errors),
            "mark /usr/sbin/grub-probe em\n");
  EXPECT_THAT(errors, ElementsAre("cannot import old.conf:1: the same path stands at line 4, which holds, as with "
                                  "paxrat: mark /usr/sbin/grub-probe em"));
}

TEST(ImportPaxrat, WhatIsNoJsonIsNamedWithItsLineAndWhatStandsBeforeIsRead) {
  std::vector<std::string> errors;
  EXPECT_EQ(import(paxrat, "{\n# comment\n\"/a\": {\"flags\": \"m\"}\n\"/b\": {\"flags\": \"m\"}\n}\n", errors),
            "mark /a em\n");
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_THAT(errors[0], StartsWith("cannot import old.conf:4: no JSON, and nothing is read from here on: "));
  EXPECT_THAT(fault(paxrat, ""), StartsWith("no JSON, and nothing is read from here on: "));
  EXPECT_THAT(fault(paxrat, "{\"/a\": {\"flags\": \"m\",}}"),
              StartsWith("no JSON, and nothing is read from here on: "));
  EXPECT_THAT(fault(paxrat, "{\"/\xff\": {\"flags\": \"m\"}}"),
              StartsWith("no JSON, and nothing is read from here on: "));
}

TEST(ImportPaxrat, ADeepNestIsNoDanger) {
  EXPECT_THAT(fault(paxrat, "{\"/a\": " + std::string(200'000, '[')), StartsWith("errors: 2"));
}

TEST(Import, APathOfOddBytesIsTheSameInTheRule) {
  for (const std::string path :
       {"/a\"b", "/a#b", "/ #", "/a\\", "/\\\"", "/*?[]", "/->", "/a\tb", "/\x7f\x1b[m", "/a b"}) {
    const Imported imported = import_rules(paxd, "em " + path + "\n", "old.conf");
    EXPECT_THAT(imported.errors, IsEmpty());
    Rules rules;
    EXPECT_THAT(parse_rules(imported.rules, "new.conf", rules), IsEmpty()) << imported.rules;
    ASSERT_EQ(rules.marks.size(), 1U);
    EXPECT_TRUE(is_plain(rules.marks[0].glob));
    EXPECT_EQ(plain_path(rules.marks[0].glob), path);
  }
}

}  // namespace
}  // namespace revdep::config
