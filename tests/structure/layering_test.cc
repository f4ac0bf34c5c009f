#include "structure/layering.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

namespace revdep::structure {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string lines(std::size_t count) {
  std::string text;
  while (count-- > 0) text += "x\n";
  return text;
}

TEST(Layering, AModuleMayIncludeItselfAndWhatItsRowNames) {
  EXPECT_THAT(
      check_file("src/loader/a.cc", "#include \"loader/a.h\"\n#include \"elf/abi.h\"\n#include \"base/fd.h\"\n"),
      IsEmpty());
}

TEST(Layering, AnArrowThatTheTableLacksIsNamedWithItsLine) {
  EXPECT_THAT(check_file("src/vdb/a.cc", "#include \"base/fd.h\"\n#include \"elf/abi.h\"\n"),
              ElementsAre("src/vdb/a.cc:2: \"elf/abi.h\": 'vdb' may not include 'elf'"));
}

TEST(Layering, AnArrowDoesNotReachThroughAnother) {
  EXPECT_THAT(check_file("src/loader/a.h", "#include \"pax/marking.h\"\n"),
              ElementsAre("src/loader/a.h:1: \"pax/marking.h\": 'loader' may not include 'pax'"));
}

TEST(Layering, TheBaseIncludesNoOtherModule) {
  EXPECT_THAT(check_file("src/base/a.h", "  #  include   \"pax/marking.h\" // why\n"),
              ElementsAre("src/base/a.h:1: \"pax/marking.h\": 'base' may not include 'pax'"));
}

TEST(Layering, CommentsAndStringsAreNoIncludes) {
  EXPECT_THAT(check_file("src/base/a.cc", "// #include \"graph/a.h\"\nf(\"#include \\\"graph/a.h\\\"\");\n"),
              IsEmpty());
}

TEST(Layering, AngleBracketsNameNoModule) { EXPECT_THAT(check_file("src/base/a.cc", "#include <elf.h>\n"), IsEmpty()); }

TEST(Layering, IncludesThatWouldEvadeTheTableAreRefused) {
  EXPECT_THAT(
      check_file("src/base/a.cc", "#include \"error.h\"\n#include \"../graph/graph.h\"\n#include \"elfx/a.h\"\n"),
      ElementsAre("src/base/a.cc:1: \"error.h\": names no module",
                  "src/base/a.cc:2: \"../graph/graph.h\": '..' is no module",
                  "src/base/a.cc:3: \"elfx/a.h\": 'elfx' is no module"));
}

TEST(Layering, SourcesLieInAModulesFolder) {
  EXPECT_THAT(check_file("src/util/a.h", ""), ElementsAre("src/util/a.h:1: is in no module's folder"));
  EXPECT_THAT(check_file("src/a.cc", ""), ElementsAre("src/a.cc:1: is in no module's folder"));
  EXPECT_THAT(check_file("src/CMakeLists.txt", ""), IsEmpty());
}

TEST(Layering, OnlyElfNamesLibelf) {
  EXPECT_THAT(check_file("src/elf/a.cc", "#include <libelf.h>\n#include <gelf.h>\n"), IsEmpty());
  EXPECT_THAT(check_file("src/loader/a.cc", "#include <libelf.h>\n"),
              ElementsAre("src/loader/a.cc:1: <libelf.h> is for src/elf only"));
  EXPECT_THAT(check_file("tools/x/main.cc", "#include <gelf.h>\n"),
              ElementsAre("tools/x/main.cc:1: <gelf.h> is for src/elf only"));
}

TEST(Layering, ProgramsMayIncludeEveryModuleAndTheirOwnFiles) {
  EXPECT_THAT(check_file("tools/x/main.cc", "#include \"engine/load_system.h\"\n#include \"options.h\"\n"), IsEmpty());
}

TEST(Layering, FourHundredLinesAreTheLimit) {
  EXPECT_THAT(check_file("src/elf/a.cc", lines(400)), IsEmpty());
  EXPECT_THAT(check_file("src/elf/a.cc", lines(400) + "y"), ElementsAre("src/elf/a.cc:401: longer than 400 lines"));
  EXPECT_THAT(check_file("tools/script", lines(401)), ElementsAre("tools/script:401: longer than 400 lines"));
}

std::vector<std::filesystem::path> files_below(const std::filesystem::path& top) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(top)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  return files;
}

TEST(Layering, TheProjectKeepsItsOwnRules) {
  const std::filesystem::path project = PROJECT_SOURCE_DIR;
  std::vector<std::string> complaints;
  std::set<std::string> seen;
  for (const char* const top : {"src", "tools"}) {
    for (const std::filesystem::path& file : files_below(project / top)) {
      std::ifstream stream(file, std::ios::binary);
      const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
      const std::string path = file.lexically_relative(project).generic_string();
      for (std::string& complaint : check_file(path, text)) complaints.push_back(std::move(complaint));
      seen.insert(path);
    }
  }
  EXPECT_THAT(complaints, IsEmpty());
  EXPECT_TRUE(seen.contains("src/base/error.h")) << "the walk has seen no source";
}

}  // namespace
}  // namespace revdep::structure
