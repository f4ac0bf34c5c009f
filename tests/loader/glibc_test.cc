// glibc's rules one by one, on a system made of nothing. That they are the loader's is shown by the comparisons with it in
// tests/engine; these say which rule it is that broke.
#include "loader/glibc.h"

#include <gtest/gtest.h>

#include "graph/memory_system.h"

namespace revdep::loader {
namespace {

using graph_test::MemorySystem;
using graph_test::Spec;
using graph_test::World;
using Strings = std::vector<std::string>;

constexpr std::string_view app = "/usr/bin/app";

class Glibc : public testing::Test {
 protected:
  Glibc() {
    Spec loader;
    loader.soname = "ld-linux.so.2";
    put(std::string(graph_test::glibc_loader), loader);
    program_.interpreter = graph_test::glibc_loader;
  }

  void put(const std::string& path, const Spec& spec) { world_.objects[path] = {spec, 0}; }
  void library(const std::string& path, const Strings& needed = {}) {
    Spec spec;
    spec.soname = path.substr(path.rfind('/') + 1);
    spec.needed = needed;
    put(path, spec);
  }

  /// Paths in order, less the loader; "? NAME" for what is missing; "fails".
  Strings mapped() {
    put(std::string(app), program_);
    MemorySystem system(world_);
    Strings texts;
    for (const std::string& line : system.simulated_text(app)) {
      const bool missing = line.starts_with("? ");
      std::string text = line.substr(0, line.find(" <- ", missing ? 2 : 0));
      if (text != graph_test::glibc_loader) texts.push_back(std::move(text));
    }
    return texts;
  }

  World world_;
  Spec program_;
};

TEST_F(Glibc, ListIsBreadthFirst) {
  library("/lib64/liba.so", {"libc.so"});
  library("/lib64/libb.so");
  library("/lib64/libc.so");
  program_.needed = {"liba.so", "libb.so"};
  EXPECT_EQ(mapped(), (Strings{"/lib64/liba.so", "/lib64/libb.so", "/lib64/libc.so"}));
}

TEST_F(Glibc, RpathIsInheritedFromTheFirstLoader) {
  library("/opt/x/libb.so");
  library("/lib64/liba.so", {"libb.so"});
  program_.needed = {"liba.so"};
  program_.rpath = "/opt/x";
  EXPECT_EQ(mapped(), (Strings{"/lib64/liba.so", "/opt/x/libb.so"}));
}

TEST_F(Glibc, RunpathTagEvenAnEmptyOneEndsTheInheritance) {
  library("/opt/x/libb.so");
  library("/lib64/liba.so", {"libb.so"});
  world_.objects["/lib64/liba.so"].first.runpath = "";
  program_.needed = {"liba.so"};
  program_.rpath = "/opt/x";
  EXPECT_EQ(mapped(), (Strings{"/lib64/liba.so", "? libb.so"}));
}

TEST_F(Glibc, AncestorWithARunpathLosesOnlyItsOwnRpath) {
  library("/opt/x/libc.so");
  library("/opt/y/libb.so", {"libc.so"});
  library("/opt/x/liba.so", {"libb.so"});
  world_.objects["/opt/x/liba.so"].first.runpath = "/opt/y";
  program_.needed = {"liba.so"};
  program_.rpath = "/opt/x";
  EXPECT_EQ(mapped(), (Strings{"/opt/x/liba.so", "/opt/y/libb.so", "/opt/x/libc.so"}));
}

TEST_F(Glibc, SonameOfALoadedObjectAnswersBeforeAnySearch) {
  library("/lib64/libb.so");
  library("/opt/x/liba.so", {"libb.so"});
  world_.objects["/opt/x/liba.so"].first.soname = "libb.so";
  program_.needed = {"liba.so"};
  program_.rpath = "/opt/x";
  EXPECT_EQ(mapped(), (Strings{"/opt/x/liba.so"}));
}

TEST_F(Glibc, ProgramsOwnSonameIsTheProgram) {
  library("/lib64/libself.so");
  library("/lib64/liba.so", {"libself.so"});
  program_.soname = "libself.so";
  program_.needed = {"liba.so"};
  EXPECT_EQ(mapped(), (Strings{"/lib64/liba.so"}));
}

TEST_F(Glibc, ForeignObjectsArePassedOverAndJunkIsFatal) {
  Spec narrow;
  narrow.abi = graph_test::i386;
  put("/opt/x/liba.so", narrow);
  library("/lib64/liba.so");
  program_.needed = {"liba.so"};
  program_.rpath = "/opt/x";
  EXPECT_EQ(mapped(), (Strings{"/lib64/liba.so"}));
  world_.objects.erase("/opt/x/liba.so");
  world_.junk = {"/opt/x/liba.so"};
  EXPECT_EQ(mapped(), (Strings{"? liba.so", "fails"}));
}

TEST_F(Glibc, TokensOfANeededNameAreExpandedForEachRequester) {
  library("/opt/x/libp.so");
  library("/opt/y/libp.so");
  library("/opt/x/liba.so", {"$ORIGIN/libp.so"});
  library("/opt/y/libb.so", {"$ORIGIN/libp.so"});
  program_.needed = {"/opt/x/liba.so", "/opt/y/libb.so"};
  EXPECT_EQ(mapped(), (Strings{"/opt/x/liba.so", "/opt/y/libb.so", "/opt/x/libp.so", "/opt/y/libp.so"}));
}

TEST_F(Glibc, NeededNameWithATokenNeedNotBeAPath) {
  library("/lib64/liblib64.so");
  program_.needed = {"lib$LIB.so"};
  EXPECT_EQ(mapped(), (Strings{"/lib64/liblib64.so"}));
}

TEST_F(Glibc, SecureProgramFailsAtATokenInANeededName) {
  library("/lib64/liba.so");
  program_.needed = {"/$LIB/liba.so"};
  EXPECT_EQ(mapped(), (Strings{"/lib64/liba.so"}));
  program_.secure = true;
  EXPECT_EQ(mapped(), (Strings{"? /$LIB/liba.so", "fails"}));
}

TEST_F(Glibc, FilteredObjectComesBeforeItsFilterAndIsSearchedNext) {
  library("/lib64/libfilter.so");
  library("/lib64/liba.so", {"libx.so"});
  library("/opt/f/libreal.so", {"libx.so"});
  world_.objects["/lib64/libfilter.so"].first.filter = {"/opt/f/libreal.so"};
  world_.objects["/opt/f/libreal.so"].first.rpath = "/opt/f";
  library("/opt/f/libx.so");
  library("/lib64/libx.so");
  program_.needed = {"libfilter.so", "liba.so"};
  EXPECT_EQ(mapped(), (Strings{"/opt/f/libreal.so", "/lib64/libfilter.so", "/lib64/liba.so", "/opt/f/libx.so"}));
}

TEST_F(Glibc, AuxiliaryObjectMayBeMissingAndAFilteredOneMayNot) {
  library("/lib64/liba.so");
  world_.objects["/lib64/liba.so"].first.auxiliary = {"libnone.so"};
  program_.needed = {"liba.so"};
  EXPECT_EQ(mapped(), (Strings{"/lib64/liba.so"}));
  world_.objects["/lib64/liba.so"].first.filter = {"libnone.so"};
  EXPECT_EQ(mapped(), (Strings{"/lib64/liba.so", "? libnone.so"}));
}

TEST_F(Glibc, FiltersInARingEnd) {
  library("/lib64/liba.so");
  library("/lib64/libb.so");
  world_.objects["/lib64/liba.so"].first.filter = {"libb.so"};
  world_.objects["/lib64/libb.so"].first.filter = {"liba.so"};
  program_.needed = {"liba.so"};
  EXPECT_EQ(mapped().size(), 2U);
}

TEST_F(Glibc, NoDefaultDirectoriesForWhoDeclinesThem) {
  library("/lib64/liba.so");
  program_.needed = {"liba.so"};
  program_.no_default_lib = true;
  EXPECT_EQ(mapped(), (Strings{"? liba.so"}));
}

TEST_F(Glibc, PreloadedObjectsComeFirstAndMissingOnesAreNoMatter) {
  library("/opt/p/libp.so");
  library("/lib64/liba.so");
  world_.preload = {"/opt/p/libp.so", "libnone.so"};
  program_.needed = {"liba.so"};
  EXPECT_EQ(mapped(), (Strings{"/opt/p/libp.so", "/lib64/liba.so"}));
}

TEST_F(Glibc, SecureProgramPreloadsByPathOnly) {
  library("/opt/p/libp.so");
  library("/opt/p/libq.so");
  library("/lib64/libr.so");
  world_.preload = {"/opt/p/libp.so", "libq.so", "libr.so"};
  program_.rpath = "/opt/p";
  EXPECT_EQ(mapped(), (Strings{"/opt/p/libp.so", "/opt/p/libq.so", "/lib64/libr.so"}));
  program_.secure = true;
  EXPECT_EQ(mapped(), (Strings{"/opt/p/libp.so"}));
}

TEST_F(Glibc, VdsoIsNoFileAndNotMissing) {
  program_.needed = {"linux-vdso.so.1"};
  EXPECT_EQ(mapped(), Strings{});
}

}  // namespace
}  // namespace revdep::loader
