// Compiled programs: every way of being found that linkers can be told to write, compared with the machine's loaders.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "elf/facts.h"
#include "engine/fixtures_build.h"
#include "engine/system.h"
#include "support/command.h"

namespace revdep {
namespace {

namespace fs = std::filesystem;
using fixtures::Workshop;
using testing::AllOf;
using testing::Contains;
using testing::IsSupersetOf;
using testing::Not;
using Strings = std::vector<std::string>;

const Strings rpath = {"-Wl,--disable-new-dtags"};
const Strings runpath = {"-Wl,--enable-new-dtags"};

Strings operator+(Strings left, const Strings& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

class Fixtures : public testing::Test {
 protected:
  void SetUp() override {
    if (!support::have_program("scanelf")) GTEST_SKIP() << "no scanelf, which writes the database";
    if (const std::string reason = fixtures::hindrance({"gcc"}); !reason.empty()) GTEST_SKIP() << reason;
  }

  Workshop workshop_;
};

// app needs liba, liba needs libb; both lie in lib/ and only app says so.
void make_chain(Workshop& workshop, const Strings& tags) {
  workshop.library("lib/libb.so.1", "libb.so.1");
  workshop.library("lib/liba.so.1", "liba.so.1", {workshop.path("lib/libb.so.1")});
  workshop.program("bin/app", tags + Strings{workshop.path("lib/liba.so.1"), "-Wl,-rpath," + workshop.path("lib"),
                                             "-Wl,--allow-shlib-undefined"});
}

TEST_F(Fixtures, RpathIsInherited) {
  make_chain(workshop_, rpath);
  EXPECT_THAT(workshop_.closure_as_the_loader("bin/app"), IsSupersetOf({"lib/liba.so.1", "lib/libb.so.1"}));
}

TEST_F(Fixtures, RunpathIsNotInherited) {
  make_chain(workshop_, runpath);
  EXPECT_THAT(workshop_.closure_as_the_loader("bin/app"),
              AllOf(Contains("lib/liba.so.1"), Not(Contains("lib/libb.so.1"))));
}

TEST_F(Fixtures, RunpathOfALibraryEndsTheInheritedRpath) {
  workshop_.library("lib/libb.so.1", "libb.so.1");
  workshop_.library("lib/liba.so.1", "liba.so.1",
                    runpath + Strings{workshop_.path("lib/libb.so.1"), "-Wl,-rpath,/nowhere"});
  workshop_.program("bin/app", rpath + Strings{workshop_.path("lib/liba.so.1"), "-Wl,-rpath," + workshop_.path("lib"),
                                               "-Wl,--allow-shlib-undefined"});
  EXPECT_THAT(workshop_.closure_as_the_loader("bin/app"),
              AllOf(Contains("lib/liba.so.1"), Not(Contains("lib/libb.so.1"))));
}

TEST_F(Fixtures, OriginOfALibraryIsWhereASymlinkedDirectoryLeads) {
  workshop_.library("real/libb.so.1", "libb.so.1");
  workshop_.library("real/liba.so.1", "liba.so.1",
                    runpath + Strings{workshop_.path("real/libb.so.1"), "-Wl,-rpath,$ORIGIN"});
  fs::create_directory_symlink("real", workshop_.path("link"));
  workshop_.program("bin/app", runpath + Strings{workshop_.path("real/liba.so.1"), "-Wl,-rpath,$ORIGIN/../link"});
  EXPECT_THAT(workshop_.closure_as_the_loader("bin/app"), IsSupersetOf({"real/liba.so.1", "real/libb.so.1"}));
}

TEST_F(Fixtures, OriginOfALibraryIsThePlaceOfTheSymlinkToIt) {
  workshop_.library("beside/libb.so.1", "libb.so.1");
  workshop_.library("real/liba.so.1", "liba.so.1",
                    runpath + Strings{workshop_.path("beside/libb.so.1"), "-Wl,-rpath,$ORIGIN"});
  fs::create_symlink("../real/liba.so.1", workshop_.path("beside/liba.so.1"));
  workshop_.program("bin/app", runpath + Strings{workshop_.path("real/liba.so.1"), "-Wl,-rpath,$ORIGIN/../beside"});
  EXPECT_THAT(workshop_.closure_as_the_loader("bin/app"), IsSupersetOf({"real/liba.so.1", "beside/libb.so.1"}));
}

TEST_F(Fixtures, FirstOfTwoDirectoriesWithTheSonameWins) {
  for (const std::string directory : {"one", "two"}) workshop_.library(directory + "/liba.so.1", "liba.so.1");
  const std::string paths = workshop_.path("two") + ':' + workshop_.path("one");
  workshop_.program("bin/app", {workshop_.path("one/liba.so.1"), "-Wl,-rpath," + paths});
  EXPECT_THAT(workshop_.closure_as_the_loader("bin/app"),
              AllOf(Contains("two/liba.so.1"), Not(Contains("one/liba.so.1"))));
}

TEST_F(Fixtures, SonameThatIsLoadedAlreadyIsNotSearchedAgain) {
  for (const std::string directory : {"one", "two"}) workshop_.library(directory + "/liba.so.1", "liba.so.1");
  workshop_.library("lib/libb.so.1", "libb.so.1",
                    {workshop_.path("two/liba.so.1"), "-Wl,-rpath," + workshop_.path("two")});
  workshop_.program(
      "bin/app", {workshop_.path("one/liba.so.1"), workshop_.path("lib/libb.so.1"),
                  "-Wl,-rpath," + workshop_.path("one") + ':' + workshop_.path("lib"), "-Wl,--allow-shlib-undefined"});
  EXPECT_THAT(workshop_.closure_as_the_loader("bin/app"),
              AllOf(Contains("one/liba.so.1"), Not(Contains("two/liba.so.1"))));
}

TEST_F(Fixtures, LibraryWithoutSonameIsFoundByPathAndByName) {
  workshop_.library("lib/libplain.so", "");
  workshop_.program("bin/by-path", {workshop_.path("lib/libplain.so")});
  workshop_.program("bin/by-name", {"-L" + workshop_.path("lib"), "-lplain", "-Wl,-rpath," + workshop_.path("lib")});
  EXPECT_THAT(workshop_.closure_as_the_loader("bin/by-path"), Contains("lib/libplain.so"));
  EXPECT_THAT(workshop_.closure_as_the_loader("bin/by-name"), Contains("lib/libplain.so"));
}

TEST_F(Fixtures, DlopenNoteIsReadAndMapsNothing) {
  constexpr auto source = R"(
__asm__(".pushsection .note.dlopen,\"a\",@note\n"
        ".long 4, 2f-1f, 0x407c0c0a\n.asciz \"FDO\"\n"
        "1:.asciz \"[{\\\"soname\\\":[\\\"liba.so.1\\\"],\\\"feature\\\":\\\"x\\\",\\\"priority\\\":\\\"suggested\\\"}]\"\n"
        "2:.balign 4\n.popsection");
int main(void) { return 0; }
)";
  workshop_.library("lib/liba.so.1", "liba.so.1");
  workshop_.compile("bin/app", source, {"-Wl,-rpath," + workshop_.path("lib")});
  const auto bytes = support::read_bytes(workshop_.path("bin/app"));
  const auto facts = elf::parse_facts(elf::MemorySource(bytes), "app");
  ASSERT_TRUE(facts) << facts.error().to_string();
  ASSERT_EQ(facts->dlopen_notes.size(), 1U);
  EXPECT_EQ(facts->dlopen_notes[0].sonames, Strings{"liba.so.1"});
  EXPECT_THAT(workshop_.closure_as_the_loader("bin/app"), Not(Contains("lib/liba.so.1")));
}

TEST_F(Fixtures, ThirtyTwoBitBesideSixtyFour) {
  const Strings narrow = {"gcc", "-m32"};
  if (const std::string reason = fixtures::hindrance(narrow); !reason.empty()) GTEST_SKIP() << reason;
  workshop_.library("one/liba.so.1", "liba.so.1");
  workshop_.library("two/liba.so.1", "liba.so.1", {}, narrow);
  const std::string paths = "-Wl,-rpath," + workshop_.path("one") + ':' + workshop_.path("two");
  workshop_.program("bin/wide", {workshop_.path("one/liba.so.1"), paths});
  workshop_.program("bin/narrow", {workshop_.path("two/liba.so.1"), paths}, narrow);
  EXPECT_THAT(workshop_.closure_as_the_loader("bin/wide"),
              AllOf(Contains("one/liba.so.1"), Not(Contains("two/liba.so.1"))));
  EXPECT_THAT(workshop_.closure_as_the_loader("bin/narrow"),
              AllOf(Contains("two/liba.so.1"), Not(Contains("one/liba.so.1"))));
}

TEST_F(Fixtures, MuslInheritsTheRunpath) {
  const Strings musl = {"musl-gcc"};
  if (const std::string reason = fixtures::hindrance(musl); !reason.empty()) GTEST_SKIP() << reason;
  workshop_.library("lib/libb.so", "libb.so", {}, musl);
  workshop_.library("lib/liba.so", "another-name.so", {workshop_.path("lib/libb.so")}, musl);
  fs::create_symlink("liba.so", workshop_.path("lib/another-name.so"));
  workshop_.program(
      "bin/app",
      runpath + Strings{workshop_.path("lib/liba.so"), "-Wl,-rpath,$ORIGIN/../lib", "-Wl,--allow-shlib-undefined"},
      musl);
  EXPECT_THAT(workshop_.closure_as_the_loader("bin/app"), IsSupersetOf({"lib/liba.so", "lib/libb.so"}));
}

TEST_F(Fixtures, StaticProgramsLoadNothing) {
  for (const std::string kind : {"-static", "-static-pie"}) {
    if (const std::string reason = fixtures::hindrance({"gcc", kind}); !reason.empty()) GTEST_SKIP() << reason;
    workshop_.program("bin/app" + kind, {kind});
  }
  engine::LoadOptions options;
  options.source = engine::Source::filesystem;
  options.trees = {workshop_.path("bin")};
  auto system = engine::System::load(options);
  ASSERT_TRUE(system) << system.error().to_string();
  for (const char* const name : {"bin/app-static", "bin/app-static-pie"}) {
    const base::ObjectId id = (*system)->find_or_read(workshop_.path(name));
    ASSERT_TRUE(id.valid()) << name;
    const graph::Closure closure = (*system)->closure(id);
    EXPECT_TRUE(closure.objects.empty()) << name;
    EXPECT_TRUE(closure.unresolved.empty()) << name;
    EXPECT_EQ(support::run({"ldd", workshop_.path(name)}).out.find("=>"), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace revdep
