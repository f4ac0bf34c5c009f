// musl's rules one by one, on a system made of nothing; see glibc_test.cc.
#include "loader/musl.h"

#include <gtest/gtest.h>

#include "graph/memory_system.h"

namespace revdep::loader {
namespace {

using graph_test::MemorySystem;
using graph_test::Spec;
using graph_test::World;
using Strings = std::vector<std::string>;

constexpr std::string_view app = "/usr/bin/app";

class Musl : public testing::Test {
 protected:
  Musl() {
    world_.flavour = Flavour::musl;
    put(std::string(graph_test::musl_loader), {});
    program_.interpreter = graph_test::musl_loader;
  }

  void put(const std::string& path, const Spec& spec) { world_.objects[path] = {spec, 0}; }
  void library(const std::string& path, const Strings& needed = {}) {
    Spec spec;
    spec.needed = needed;
    put(path, spec);
  }

  /// Paths in order; "? NAME" for what is missing; "fails". With the loader where it is mapped.
  Strings all() {
    put(std::string(app), program_);
    MemorySystem system(world_);
    Strings texts;
    for (const std::string& line : system.simulated_text(app)) {
      texts.push_back(line.substr(0, line.find(" <- ", line.starts_with("? ") ? 2 : 0)));
    }
    return texts;
  }
  Strings mapped() {
    Strings texts = all();
    std::erase(texts, std::string(graph_test::musl_loader));
    return texts;
  }

  World world_;
  Spec program_;
};

TEST_F(Musl, RunpathIsInherited) {
  library("/opt/x/liba.so", {"libb.so"});
  library("/opt/x/libb.so");
  program_.needed = {"liba.so"};
  program_.runpath = "/opt/x";
  EXPECT_EQ(mapped(), (Strings{"/opt/x/liba.so", "/opt/x/libb.so"}));
}

TEST_F(Musl, SonameMeansNothing) {
  library("/opt/x/liba.so", {"libb.so"});
  world_.objects["/opt/x/liba.so"].first.soname = "libb.so";
  library("/lib64/libb.so");
  program_.needed = {"liba.so"};
  program_.rpath = "/opt/x";
  EXPECT_EQ(mapped(), (Strings{"/opt/x/liba.so", "/lib64/libb.so"}));
}

TEST_F(Musl, NamesOfTheCLibraryMeanTheLoader) {
  program_.needed = {"libm.so.6", "libpthread.so.0", "libc.so", "libcrypt.so.1"};
  EXPECT_EQ(all(), (Strings{std::string(graph_test::musl_loader), "? libcrypt.so.1"}));
}

TEST_F(Musl, FirstFileThatOpensIsTheOne) {
  Spec narrow;
  narrow.abi = graph_test::i386;
  put("/opt/x/liba.so", narrow);
  library("/lib64/liba.so");
  program_.needed = {"liba.so"};
  program_.rpath = "/opt/x";
  EXPECT_EQ(mapped(), (Strings{"? liba.so", "fails"}));
}

TEST_F(Musl, UnknownTokenVoidsTheWholeSearchPath) {
  library("/opt/x/liba.so");
  program_.needed = {"liba.so"};
  program_.rpath = "/opt/x:/usr/$LIB";
  EXPECT_EQ(mapped(), Strings{"? liba.so"});
}

TEST_F(Musl, SecureProgramHasNoOrigin) {
  library("/usr/bin/liba.so");
  program_.needed = {"liba.so"};
  program_.rpath = "$ORIGIN";
  EXPECT_EQ(mapped(), Strings{"/usr/bin/liba.so"});
  program_.secure = true;
  EXPECT_EQ(mapped(), Strings{"? liba.so"});
}

TEST_F(Musl, TokensOfANeededNameStay) {
  library("/usr/bin/liba.so");
  program_.needed = {"$ORIGIN/liba.so"};
  EXPECT_EQ(mapped(), Strings{"? $ORIGIN/liba.so"});
}

TEST_F(Musl, EmptyElementsAreSkippedAndLinesSeparateToo) {
  library("/liba.so");
  library("/opt/x/libb.so");
  program_.needed = {"liba.so", "libb.so"};
  program_.rpath = "::\n/opt/x";
  EXPECT_EQ(mapped(), (Strings{"/opt/x/libb.so", "? liba.so"}));
}

TEST_F(Musl, ObjectLoadedByPathAnswersToItsFileNameOnceASearchFoundIt) {
  library("/opt/x/liba.so.1");
  world_.links["/lib64/liba.so"] = "/opt/x/liba.so.1";
  library("/lib64/liba.so.1");
  program_.needed = {"/opt/x/liba.so.1", "liba.so", "liba.so.1"};
  EXPECT_EQ(mapped(), Strings{"/opt/x/liba.so.1"});
}

}  // namespace
}  // namespace revdep::loader
