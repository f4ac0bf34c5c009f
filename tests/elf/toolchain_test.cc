// Objects as gcc and ld make them; what they hold is asked of readelf, so that neither side of a comparison is ours.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>

#include <regex>

#include "base/fd.h"
#include "elf/facts.h"
#include "support/command.h"
#include "support/temp_dir.h"

namespace revdep::elf {
namespace {

using support::run;
using support::TempDir;
using testing::ElementsAre;
using testing::IsEmpty;

// All first groups of `pattern` in `text`.
std::vector<std::string> all(const std::string& text, const char* pattern) {
  const std::regex expression(pattern);
  std::vector<std::string> found;
  for (std::sregex_iterator match(text.begin(), text.end(), expression), end; match != end; ++match) {
    found.push_back((*match)[1]);
  }
  return found;
}

std::optional<std::string> one(const std::string& text, const char* pattern) {
  const std::vector<std::string> found = all(text, pattern);
  return found.empty() ? std::nullopt : std::optional(found.back());
}

Facts facts_of(const std::filesystem::path& path) {
  const base::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  base::Result<Facts> facts = parse_facts(FileSource(fd.get()), path.string());
  EXPECT_TRUE(facts.ok()) << (facts.ok() ? "" : facts.error().to_string());
  return facts.ok() ? std::move(*facts) : Facts{};
}

// Every fact that readelf shows too, compared with it.
Facts compared_with_readelf(const std::filesystem::path& path) {
  Facts facts = facts_of(path);
  const std::string text = run({"readelf", "-hldW", path.string()}).out;
  EXPECT_THAT(facts.problems, IsEmpty());
  EXPECT_EQ(facts.soname, one(text, R"(\(SONAME\) .*\[(.*)\])"));
  EXPECT_EQ(facts.needed, all(text, R"(\(NEEDED\) .*\[(.*)\])"));
  EXPECT_EQ(facts.rpath, one(text, R"(\(RPATH\) .*\[(.*)\])"));
  EXPECT_EQ(facts.runpath, one(text, R"(\(RUNPATH\) .*\[(.*)\])"));
  EXPECT_EQ(facts.auxiliary, all(text, R"(\(AUXILIARY\) .*\[(.*)\])"));
  EXPECT_EQ(facts.filter, all(text, R"(\(FILTER\) .*\[(.*)\])"));
  EXPECT_EQ(facts.pie, one(text, R"(\(FLAGS_1\).*\b(PIE)\b)").has_value());
  EXPECT_EQ(facts.no_default_lib, one(text, R"(\(FLAGS_1\).*\b(NODEFLIB)\b)").has_value());
  EXPECT_EQ(facts.text_relocations, one(text, R"((\(TEXTREL\)|\(FLAGS\).*\bTEXTREL\b))").has_value());
  EXPECT_EQ(facts.head.interpreter, one(text, R"(program interpreter: (.*)\])"));
  EXPECT_EQ(facts.head.dynamic, one(text, R"(\n  (DYNAMIC) )").has_value());
  EXPECT_EQ(facts.head.abi.elf_class == Class::elf64, one(text, R"(Class: +(ELF64))").has_value());
  const auto stack = one(text, R"(GNU_STACK.* (R.[ E]) )");
  EXPECT_EQ(facts.head.stack, !stack                  ? ExecutableStack::unstated
                              : stack->ends_with('E') ? ExecutableStack::yes
                                                      : ExecutableStack::no);
  EXPECT_EQ(facts.head.writable_executable_segment, one(text, R"(LOAD.* (RWE) )").has_value());
  return facts;
}

class Toolchain : public testing::Test {
 protected:
  void SetUp() override {
    if (!support::have_program("gcc") || !support::have_program("readelf")) GTEST_SKIP() << "no gcc or no readelf";
    support::write_file(directory_ / "program.c", "int main(void) { return 0; }\n");
    support::write_file(directory_ / "library.c", "static int x; int *address = &x; int value(void) { return x; }\n");
  }

  // Compiles `source` to "out"; false, and the test is skipped, when the compiler cannot do that here (-m32).
  bool compile(std::vector<std::string> flags, const char* source = "program.c") {
    std::vector<std::string> words = {"gcc", "-o", (directory_ / "out").string(), (directory_ / source).string()};
    words.insert(words.end(), flags.begin(), flags.end());
    const support::Outcome outcome = run(words);
    if (outcome.status != 0) skipped_ = outcome.err;
    return outcome.status == 0;
  }
  Facts checked() { return compared_with_readelf(directory_ / "out"); }

  TempDir directory_;
  std::string skipped_;
};

TEST_F(Toolchain, AnOrdinaryPie) {
  ASSERT_TRUE(compile({"-pie", "-fPIE"})) << skipped_;
  const Facts facts = checked();
  EXPECT_TRUE(is_executable(facts));
  EXPECT_TRUE(facts.pie);
  EXPECT_THAT(facts.needed, ElementsAre("libc.so.6"));
}

TEST_F(Toolchain, AnExecutableAtAFixedAddress) {
  ASSERT_TRUE(compile({"-no-pie", "-fno-pie"})) << skipped_;
  const Facts facts = checked();
  EXPECT_EQ(facts.head.type, 2);
  EXPECT_FALSE(facts.pie);
  EXPECT_TRUE(is_executable(facts));
}

TEST_F(Toolchain, AStaticProgram) {
  ASSERT_TRUE(compile({"-static", "-no-pie", "-fno-pie"})) << skipped_;
  const Facts facts = checked();
  EXPECT_FALSE(facts.head.dynamic);
  EXPECT_EQ(facts.head.interpreter, std::nullopt);
  EXPECT_TRUE(is_executable(facts));
}

TEST_F(Toolchain, AStaticPieProgram) {
  ASSERT_TRUE(compile({"-static-pie", "-fPIE"})) << skipped_;
  const Facts facts = checked();
  EXPECT_TRUE(facts.head.dynamic);
  EXPECT_EQ(facts.head.interpreter, std::nullopt);
  EXPECT_TRUE(facts.pie);
  EXPECT_THAT(facts.needed, IsEmpty());
  EXPECT_TRUE(is_executable(facts));
}

TEST_F(Toolchain, A32BitProgram) {
  if (!compile({"-m32"})) GTEST_SKIP() << "no 32-bit compiler: " << skipped_;
  const Facts facts = checked();
  EXPECT_EQ(facts.head.abi, (Abi{3, Class::elf32, ByteOrder::little}));
}

TEST_F(Toolchain, ALibraryWithAndWithoutASoname) {
  ASSERT_TRUE(compile({"-shared", "-fPIC", "-Wl,-soname,libnamed.so.3"}, "library.c")) << skipped_;
  EXPECT_EQ(checked().soname, "libnamed.so.3");
  EXPECT_FALSE(is_executable(checked()));
  ASSERT_TRUE(compile({"-shared", "-fPIC"}, "library.c")) << skipped_;
  EXPECT_EQ(checked().soname, std::nullopt);
}

TEST_F(Toolchain, RpathAndRunpathAreToldApart) {
  ASSERT_TRUE(compile({"-Wl,-rpath,/a:$ORIGIN/b", "-Wl,--disable-new-dtags"})) << skipped_;
  EXPECT_EQ(checked().rpath, "/a:$ORIGIN/b");
  EXPECT_EQ(checked().runpath, std::nullopt);
  ASSERT_TRUE(compile({"-Wl,-rpath,/a:$ORIGIN/b", "-Wl,--enable-new-dtags"})) << skipped_;
  EXPECT_EQ(checked().rpath, std::nullopt);
  EXPECT_EQ(checked().runpath, "/a:$ORIGIN/b");
}

TEST_F(Toolchain, FiltersAndAuxiliaryFilters) {
  ASSERT_TRUE(compile({"-shared", "-fPIC", "-Wl,-F,libfilter.so", "-Wl,-f,libaux1.so", "-Wl,--auxiliary,libaux2.so"},
                      "library.c"))
      << skipped_;
  const Facts facts = checked();
  EXPECT_THAT(facts.filter, ElementsAre("libfilter.so"));
  EXPECT_THAT(facts.auxiliary, testing::UnorderedElementsAre("libaux1.so", "libaux2.so"));
}

TEST_F(Toolchain, NoDefaultLib) {
  ASSERT_TRUE(compile({"-Wl,-z,nodefaultlib"})) << skipped_;
  EXPECT_TRUE(checked().no_default_lib);
}

TEST_F(Toolchain, TextRelocations) {
  if (!compile({"-m32", "-shared", "-fno-pic", "-Wl,-z,notext"}, "library.c")) {
    GTEST_SKIP() << "no 32-bit compiler: " << skipped_;
  }
  EXPECT_TRUE(checked().text_relocations);
}

TEST_F(Toolchain, AnExecutableStack) {
  ASSERT_TRUE(compile({"-Wl,-z,execstack"})) << skipped_;
  EXPECT_EQ(checked().head.stack, ExecutableStack::yes);
  ASSERT_TRUE(compile({"-Wl,-z,noexecstack"})) << skipped_;
  EXPECT_EQ(checked().head.stack, ExecutableStack::no);
}

TEST_F(Toolchain, AWritableTextSegment) {
  ASSERT_TRUE(compile({"-shared", "-fPIC", "-nostdlib", "-Wl,--omagic"}, "library.c")) << skipped_;
  EXPECT_TRUE(checked().head.writable_executable_segment);
}

TEST_F(Toolchain, AnObjectFile) {
  ASSERT_TRUE(compile({"-c"})) << skipped_;
  const Facts facts = checked();
  EXPECT_EQ(facts.head.type, 1);
  EXPECT_FALSE(is_executable(facts));
}

TEST_F(Toolchain, StrippedObjectsHaveTheSameFacts) {
  ASSERT_TRUE(compile({"-shared", "-fPIC", "-Wl,-soname,libnamed.so.3", "-Wl,-rpath,/x"}, "library.c")) << skipped_;
  const Facts before = checked();
  const std::string path = (directory_ / "out").string();
  ASSERT_EQ(run({"strip", path}).status, 0);
  const Facts after = checked();
  EXPECT_EQ(after.soname, before.soname);
  EXPECT_EQ(after.needed, before.needed);
  EXPECT_EQ(after.runpath, before.runpath);
}

TEST_F(Toolchain, ASplitDebugFileHasAHeadAndNoNames) {
  ASSERT_TRUE(compile({"-g"})) << skipped_;
  const std::string path = (directory_ / "out").string();
  ASSERT_EQ(run({"objcopy", "--only-keep-debug", path, path + ".debug"}).status, 0);
  const Facts facts = facts_of(path + ".debug");
  EXPECT_EQ(facts.head.interpreter, std::nullopt);
  EXPECT_THAT(facts.needed, IsEmpty());
}

TEST_F(Toolchain, ADlopenNoteAsTheSpecificationShowsIt) {
  support::write_file(directory_ / "note.c", R"(
    struct { unsigned name, descriptor, type; char owner[4]; char json[32]; } note
      __attribute__((section(".note.dlopen"), aligned(4), used)) =
      { 4, sizeof "[{\"soname\":[\"libz.so.1\"]}]", 0x407c0c0a, "FDO", "[{\"soname\":[\"libz.so.1\"]}]" };
  )");
  ASSERT_TRUE(compile({"-shared", "-fPIC"}, "note.c")) << skipped_;
  const Facts facts = checked();
  ASSERT_EQ(facts.dlopen_notes.size(), 1U);
  EXPECT_THAT(facts.dlopen_notes[0].sonames, ElementsAre("libz.so.1"));
}

}  // namespace
}  // namespace revdep::elf
