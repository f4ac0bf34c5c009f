// The original's table of exporter and importer, and what its -b -m does.
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "tools/marking_root.h"

namespace revdep::tool {
namespace {

using elf_builder::library;
using elf_builder::program;

class MarkTable : public MarkingTest {};

// The letter is R: alone it is never refused, so that each of the nine can be made.
TEST_F(MarkTable, HasTheNineResultsOfTheOriginal) {
  struct Row {
    const char* exporter;
    const char* importer;
    const char* result;
  };
  constexpr std::array<Row, 9> rows = {{{"R", "R", "R"},
                                        {"R", "r", "r"},
                                        {"R", "none", "eR"},
                                        {"r", "R", "R"},
                                        {"r", "r", "r"},
                                        {"r", "none", "er"},
                                        {"none", "R", "R"},
                                        {"none", "r", "r"},
                                        {"none", "none", "none"}}};
  for (const Row& row : rows) {
    SCOPED_TRACE(std::string(row.exporter) + " to " + row.importer);
    const std::string name = std::string(row.exporter) + "-" + row.importer;
    const std::string soname = "lib" + name + ".so";
    root_.add("/usr/lib64/" + soname, library(soname));
    root_.add("/usr/bin/" + name, program({soname}));
    if (row.exporter != std::string("none")) root_.set_flags("/usr/lib64/" + soname, row.exporter);
    if (row.importer != std::string("none")) root_.set_flags("/usr/bin/" + name, row.importer);
    const auto outcome = root_.run({"-m", "-y", "-s", soname});
    EXPECT_EQ(root_.flags("/usr/bin/" + name), row.result);
    EXPECT_EQ(root_.flags("/usr/lib64/" + soname), row.exporter);
    const bool contradicts = name == "R-r" || name == "r-R";
    EXPECT_EQ(outcome.status, contradicts ? 1 : 0);
    const std::string warning =
        std::string("Warning: /usr/bin/") + name + " has " + row.importer + ", refusing to set to " + row.exporter;
    EXPECT_EQ(outcome.err.find(warning) != std::string::npos, contradicts) << outcome.err;
  }
}

class MarkLibraries : public MarkingTest {
 protected:
  void SetUp() override {
    MarkingTest::SetUp();
    if (IsSkipped()) return;
    root_.set_flags("/usr/bin/plain", "em");
    root_.add("/usr/bin/other", program({"libplain.so.1"}));
    root_.remove_flags(jit);
  }
};

TEST_F(MarkLibraries, MarksThemButNotTheInterpreter) {
  EXPECT_EQ(brief(root_.run({"-m", "-y", "-b", "/usr/bin/plain"})), summary(0, 1, 0));
  EXPECT_EQ(root_.flags("/usr/lib64/libplain.so.1"), "em");
  EXPECT_EQ(root_.flags("/lib64/ld-linux-x86-64.so.2"), "none");
}

TEST_F(MarkLibraries, WhatWasCarriedToALibraryAsksForNothing) {
  root_.run({"-m", "-y", "-b", "/usr/bin/plain"});
  EXPECT_EQ(brief(migrate()), summary(0, 0, 0));
  EXPECT_EQ(root_.flags("/usr/bin/other"), "none");
  EXPECT_EQ(root_.flags("/usr/lib64/libplain.so.1"), "em");
}

TEST_F(MarkLibraries, WhatALibraryAskedForItselfIsStillAskedFor) {
  root_.set_flags("/usr/lib64/libplain.so.1", "er");
  root_.run({"-m", "-y", "-b", "/usr/bin/plain"});
  EXPECT_EQ(root_.flags("/usr/lib64/libplain.so.1"), "emr");
  migrate();
  EXPECT_EQ(root_.flags("/usr/bin/other"), "er");
  EXPECT_EQ(root_.flags("/usr/bin/plain"), "emr");
}

TEST_F(MarkLibraries, AReplacedLibraryIsJudgedByItsOwnMarkingAgain) {
  root_.run({"-m", "-y", "-b", "/usr/bin/plain"});
  elf_builder::Object upgraded = library("libplain.so.1");
  upgraded.gap = 16;
  root_.replace("/usr/lib64/libplain.so.1", upgraded);
  root_.set_flags("/usr/lib64/libplain.so.1", "em");
  migrate();
  EXPECT_EQ(root_.flags("/usr/bin/other"), "em");
}

}  // namespace
}  // namespace revdep::tool
