#include "graph/graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/memory_system.h"

namespace revdep::graph_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Spec library(std::string soname, std::vector<std::string> needed = {}) {
  Spec spec;
  spec.soname = std::move(soname);
  spec.needed = std::move(needed);
  return spec;
}

Spec program(std::vector<std::string> needed) {
  Spec spec;
  spec.needed = std::move(needed);
  spec.interpreter = glibc_loader;
  spec.loadable = false;
  return spec;
}

// app -> a, b; a -> c; b -> c; c -> a, and a loader.
World diamond() {
  World world;
  world.objects["/lib64/ld-linux.so.2"] = {library("ld-linux.so.2"), 0};
  world.objects["/bin/app"] = {program({"liba.so", "libb.so"}), 1};
  world.objects["/lib64/liba.so"] = {library("liba.so", {"libc.so"}), 2};
  world.objects["/lib64/libb.so"] = {library("libb.so", {"libc.so"}), 2};
  world.objects["/usr/lib64/libc.so"] = {library("libc.so", {"liba.so"}), 3};
  return world;
}

TEST(Graph, AClosureIsBreadthFirstWithEachObjectOnceAndTheLoaderLast) {
  const World world = diamond();
  MemorySystem system(world);
  EXPECT_THAT(system.closure_text("/bin/app"),
              ElementsAre("/lib64/liba.so <- liba.so <- /bin/app", "/lib64/libb.so <- libb.so <- /bin/app",
                          "/usr/lib64/libc.so <- libc.so <- /lib64/liba.so",
                          "/lib64/ld-linux.so.2 <- /lib64/ld-linux.so.2 <- /bin/app"));
  EXPECT_FALSE(system.graph().contextual(system.find("/bin/app")));
}

TEST(Graph, AnObjectIsNotInItsOwnClosureThoughACycleLeadsBack) {
  const World world = diamond();
  MemorySystem system(world);
  EXPECT_THAT(system.closure_text("/lib64/liba.so"), ElementsAre("/usr/lib64/libc.so <- libc.so <- /lib64/liba.so"));
  EXPECT_THAT(system.consumers("/lib64/liba.so"), ElementsAre("/bin/app", "/lib64/libb.so", "/usr/lib64/libc.so"));
}

TEST(Graph, DirectConsumersAreAscendingAndEachOnce) {
  World world = diamond();
  world.objects["/bin/twice"] = {program({"libc.so", "libc.so"}), 4};
  MemorySystem system(world);
  const auto consumers = system.graph().direct_consumers(system.find("/usr/lib64/libc.so"));
  EXPECT_TRUE(std::is_sorted(consumers.begin(), consumers.end()));
  EXPECT_THAT(system.paths(consumers), testing::UnorderedElementsAre("/bin/twice", "/lib64/liba.so", "/lib64/libb.so"));
}

TEST(Graph, TheLoaderHasEveryProgramAsConsumer) {
  const World world = diamond();
  MemorySystem system(world);
  EXPECT_THAT(system.consumers(glibc_loader), ElementsAre("/bin/app"));
}

TEST(Graph, UnresolvedNamesComeOnceWithWhoAskedFirst) {
  World world;
  world.objects["/lib64/ld-linux.so.2"] = {library("ld-linux.so.2"), 0};
  world.objects["/bin/app"] = {program({"liba.so", "libgone.so"}), 1};
  world.objects["/lib64/liba.so"] = {library("liba.so", {"libgone.so", "liblost.so"}), 2};
  MemorySystem system(world);
  const graph::Closure closure = system.closure("/bin/app");
  auto& names = system.names();
  EXPECT_THAT(closure.unresolved,
              ElementsAre(graph::Unresolved{names.find("libgone.so"), system.find("/bin/app")},
                          graph::Unresolved{names.find("liblost.so"), system.find("/lib64/liba.so")}));
  EXPECT_FALSE(closure.fails);
}

TEST(Graph, AMissingLoaderIsUnresolvedAndTheProgramFails) {
  World world = diamond();
  world.objects.erase("/lib64/ld-linux.so.2");
  MemorySystem system(world);
  const graph::Closure closure = system.closure("/bin/app");
  EXPECT_TRUE(closure.fails);
  ASSERT_EQ(closure.unresolved.size(), 1U);
  EXPECT_EQ(system.names().view(closure.unresolved[0].name), glibc_loader);
}

TEST(Graph, HardLinksAreOneFileToTheLoader) {
  World world = diamond();
  Spec twin = library("libt.so");
  twin.inode = 7;
  world.objects["/lib64/libt.so"] = {twin, 5};
  world.objects["/lib64/libt-other.so"] = {twin, 5};
  world.objects["/bin/both"] = {program({"libt.so", "libt-other.so"}), 6};
  MemorySystem system(world);
  EXPECT_THAT(system.closure_text("/bin/both"),
              ElementsAre("/lib64/libt.so <- libt.so <- /bin/both",
                          "/lib64/ld-linux.so.2 <- /lib64/ld-linux.so.2 <- /bin/both"));
  EXPECT_THAT(system.consumers("/lib64/libt.so"), ElementsAre("/bin/both"));
  EXPECT_THAT(system.consumers("/lib64/libt-other.so"), ElementsAre("/bin/both"));
}

TEST(Graph, ALibraryThatIsAskedForItsOwnClosureIsLoadedOnceMoreByItsOtherName) {
  World world;
  Spec twin = library("libt.so", {"libx.so"});
  twin.inode = 7;
  world.objects["/lib64/libt.so"] = {twin, 1};
  world.objects["/lib64/libu.so"] = {twin, 1};
  world.objects["/lib64/libx.so"] = {library("libx.so", {"libu.so"}), 2};
  world.objects["/lib64/liby.so"] = {library("liby.so", {"libt.so"}), 3};
  MemorySystem system(world);
  EXPECT_EQ(system.closure_text("/lib64/libt.so"), system.simulated_text("/lib64/libt.so"));
  EXPECT_THAT(system.closure_text("/lib64/libt.so"), ElementsAre("/lib64/libx.so <- libx.so <- /lib64/libt.so",
                                                                 "/lib64/libu.so <- libu.so <- /lib64/libx.so"));
}

TEST(Graph, AReplacedHardLinkIsAFileOfItsOwn) {
  World world = diamond();
  Spec twin = library("");
  twin.inode = 7;
  world.objects["/lib64/libt.so"] = {twin, 5};
  world.objects["/lib64/libu.so"] = {twin, 6};
  world.objects["/lib64/liba.so"] = {library("liba.so", {"libt.so"}), 2};
  world.objects["/lib64/libb.so"] = {library("libb.so", {"libu.so"}), 2};
  MemorySystem system(world);
  const auto libraries = [&] {
    std::vector<std::string> paths;
    for (const loader::Mapped& mapped : system.closure("/bin/app").objects)
      paths.emplace_back(system.path(mapped.object));
    return paths;
  };
  EXPECT_THAT(libraries(), ElementsAre("/lib64/liba.so", "/lib64/libb.so", "/lib64/libt.so", "/lib64/ld-linux.so.2"));
  world.objects["/lib64/libt.so"] = {library(""), 5};
  system.replace_package(5, {"libt.so"});
  EXPECT_THAT(libraries(), ElementsAre("/lib64/liba.so", "/lib64/libb.so", "/lib64/libt.so", "/lib64/libu.so",
                                       "/lib64/ld-linux.so.2"));
}

TEST(Graph, AnotherClassIsNeverAProvider) {
  World world;
  Spec wrong = library("liba.so");
  wrong.abi = i386;
  world.objects["/lib64/liba.so"] = {wrong, 1};
  world.objects["/lib64/libb.so"] = {library("libb.so", {"liba.so"}), 2};
  MemorySystem system(world);
  EXPECT_THAT(system.closure_text("/lib64/libb.so"), ElementsAre("? liba.so <- /lib64/libb.so"));
  EXPECT_THAT(system.consumers("/lib64/liba.so"), IsEmpty());
}

TEST(Graph, AnInheritedRpathMakesTheLibraryFindOneThingAloneAndAnotherInAProgram) {
  World world = diamond();
  world.objects["/opt/a/libc.so"] = {library("libc.so"), 4};
  Spec app = program({"liba.so"});
  app.rpath = "/opt/a";
  world.objects["/bin/special"] = {app, 5};
  MemorySystem system(world);
  EXPECT_TRUE(system.graph().contextual(system.find("/bin/special")));
  EXPECT_THAT(system.closure_text("/bin/special"),
              ElementsAre("/lib64/liba.so <- liba.so <- /bin/special", "/opt/a/libc.so <- libc.so <- /lib64/liba.so",
                          "/lib64/ld-linux.so.2 <- /lib64/ld-linux.so.2 <- /bin/special"));
  EXPECT_THAT(system.consumers("/opt/a/libc.so"), ElementsAre("/bin/special"));
  EXPECT_THAT(system.consumers("/usr/lib64/libc.so"), ElementsAre("/bin/app", "/lib64/liba.so", "/lib64/libb.so"));
}

TEST(Graph, APathThatAnotherPackageTookOverStaysWithThat) {
  World world = diamond();
  MemorySystem system(world);
  world.objects["/lib64/liba.so"] = {library("liba.so"), 9};
  system.replace_package(9, {"liba.so"});
  std::erase_if(world.objects, [](const auto& object) { return object.second.second == 2; });
  system.replace_package(2, {"libb.so"});
  EXPECT_TRUE(system.find("/lib64/liba.so").valid());
  EXPECT_FALSE(system.find("/lib64/libb.so").valid());
  EXPECT_THAT(system.closure_text("/bin/app"),
              ElementsAre("/lib64/liba.so <- liba.so <- /bin/app",
                          "/lib64/ld-linux.so.2 <- /lib64/ld-linux.so.2 <- /bin/app", "? libb.so <- /bin/app"));
}

TEST(Graph, AReplacedLibraryIsAskedForAgainByThoseWhoUsedIt) {
  World world = diamond();
  MemorySystem system(world);
  world.objects["/lib64/libc.so"] = {library("libc.so"), 3};
  world.objects.erase("/usr/lib64/libc.so");
  system.replace_package(3, {"libc.so"});
  EXPECT_THAT(system.closure_text("/lib64/liba.so"), ElementsAre("/lib64/libc.so <- libc.so <- /lib64/liba.so"));
  EXPECT_EQ(system.graph().objects().size(), world.objects.size());
}

TEST(Graph, WhatOnlyASimulationFindsIsAConsumerToo) {
  World world = diamond();
  world.objects["/lib64/libdeep.so"] = {library("libdeep.so"), 4};
  world.objects["/lib64/libplain.so"] = {library("libplain.so", {"liblate.so"}), 4};
  world.objects["/opt/liblate.so"] = {library("libother.so", {"libdeep.so"}), unlisted};
  Spec app = program({"libplain.so"});
  app.rpath = "/opt";  // which libplain.so inherits
  world.objects["/bin/special"] = {app, 5};
  MemorySystem system(world);
  ASSERT_FALSE(system.find("/opt/liblate.so").valid());
  EXPECT_THAT(system.consumers("/lib64/libdeep.so"), ElementsAre("/bin/special", "/opt/liblate.so"));
}

TEST(Graph, AProgramPutAnewStillHasWhatOnlyASimulationFinds) {
  World world = diamond();
  world.objects["/lib64/libdeep.so"] = {library("libdeep.so"), 4};
  world.objects["/lib64/libplain.so"] = {library("libplain.so", {"liblate.so"}), 4};
  world.objects["/opt/liblate.so"] = {library("liblate.so", {"libdeep.so"}), 4};
  Spec special = library("libspecial.so", {"libplain.so"});
  special.rpath = "/opt";  // which libplain.so inherits
  world.objects["/lib64/libspecial.so"] = {special, 4};
  world.objects["/bin/anew"] = {program({"libspecial.so"}), 6};
  MemorySystem system(world);
  const std::vector<std::string> consumers = {"/bin/anew", "/lib64/libspecial.so", "/opt/liblate.so"};
  EXPECT_EQ(system.consumers("/lib64/libdeep.so"), consumers);
  system.replace_package(6, {});
  EXPECT_EQ(system.consumers("/lib64/libdeep.so"), consumers);
}

TEST(Graph, EveryoneWhoAsksForAPathIsToldOfWhatComesThere) {
  World world = diamond();
  world.objects["/lib64/libx.so"] = {library("libx.so", {"/opt/late.so"}), 4};
  world.objects["/lib64/liby.so"] = {library("liby.so", {"/opt/late.so"}), 5};
  MemorySystem system(world);
  EXPECT_THAT(system.closure_text("/lib64/liby.so"), ElementsAre("? /opt/late.so <- /lib64/liby.so"));
  world.objects["/opt/late.so"] = {library("late.so"), 6};
  system.replace_package(6, {"late.so"});
  EXPECT_THAT(system.consumers("/opt/late.so"), ElementsAre("/lib64/libx.so", "/lib64/liby.so"));
}

TEST(Graph, WhoHasTheNameAlreadyIsTakenThoughAnotherFileIsMeantElsewhere) {
  World world = diamond();
  world.objects["/lib64/libfake.so"] = {library("libc.so"), 4};
  world.objects["/bin/faked"] = {program({"libfake.so", "libc.so"}), 5};
  MemorySystem system(world);
  EXPECT_TRUE(system.graph().contextual(system.find("/bin/faked")));
  EXPECT_THAT(system.consumers("/lib64/libfake.so"), ElementsAre("/bin/faked"));
  EXPECT_THAT(system.consumers("/usr/lib64/libc.so"), ElementsAre("/bin/app", "/lib64/liba.so", "/lib64/libb.so"));
}

TEST(Graph, AContextualProgramLoadsWhatItNeedsItself) {
  World world = diamond();
  world.objects["/opt/a/libc.so"] = {library("libc.so"), 4};
  world.objects["/lib64/libown.so"] = {library("libown.so"), 4};
  Spec app = program({"liba.so", "libown.so"});
  app.rpath = "/opt/a";
  world.objects["/bin/special"] = {app, 5};
  MemorySystem system(world);
  EXPECT_TRUE(system.graph().contextual(system.find("/bin/special")));
  EXPECT_THAT(system.consumers("/lib64/libown.so"), ElementsAre("/bin/special"));
}

TEST(Graph, AContextualProgramOfAnotherAbiIsNoConsumer) {
  World world = diamond();
  world.objects["/opt/a/libc.so"] = {library("libc.so"), 4};
  for (const auto& [name, abi] : {std::pair("/bin/same", x86_64), std::pair("/bin/other", i386)}) {
    Spec app = program({"liba.so"});
    app.abi = abi;
    app.rpath = "/opt/a";
    world.objects[name] = {app, 5};
  }
  MemorySystem system(world);
  EXPECT_THAT(system.consumers("/opt/a/libc.so"), ElementsAre("/bin/same"));
}

// ld.so refuses a search path with $ORIGIN elsewhere than at its start in secure processes, whoever's it is.
TEST(Graph, ASecureProgramFindsElsewhereWhatALibrarySearchesFromItsOrigin) {
  World world = diamond();
  Spec odd = library("libodd.so", {"libx.so"});
  odd.runpath = "/opt/$ORIGIN";
  world.objects["/lib64/libodd.so"] = {odd, 4};
  world.objects["/opt/lib64/libx.so"] = {library("libx.so"), 4};
  world.objects["/lib64/libx.so"] = {library("libx.so"), 4};
  world.objects["/bin/plain"] = {program({"libodd.so"}), 5};
  Spec secure = program({"libodd.so"});
  secure.secure = true;
  world.objects["/bin/secure"] = {secure, 5};
  MemorySystem system(world);
  EXPECT_EQ(system.closure_text("/bin/secure"), system.simulated_text("/bin/secure"));
  EXPECT_THAT(system.consumers("/lib64/libx.so"), ElementsAre("/bin/secure"));
  EXPECT_THAT(system.consumers("/opt/lib64/libx.so"), ElementsAre("/bin/plain", "/lib64/libodd.so"));
}

// Which of two files a name means is decided by who asks first; what neither leads to is in no closure, whoever does.
TEST(Graph, WhoHasNoWayToAFileIsNotSimulatedForIt) {
  World world = diamond();
  world.objects["/lib64/libx.so"] = {library("libx.so"), 4};
  world.objects["/opt/a/libx.so"] = {library("libx.so", {"libown.so"}), 4};
  world.objects["/lib64/libown.so"] = {library("libown.so"), 4};
  Spec other = program({"libx.so"});
  other.runpath = "/opt/a";
  world.objects["/bin/other"] = {other, 5};
  world.objects["/opt/bin/app"] = {program({"libx.so"}), 5};
  MemorySystem system(world);
  ASSERT_TRUE(system.graph().contextual(system.find("/opt/bin/app")));
  EXPECT_THAT(system.consumers("/lib64/liba.so"), ElementsAre("/bin/app", "/lib64/libb.so", "/usr/lib64/libc.so"));
  EXPECT_THAT(system.consumers("/lib64/libown.so"), ElementsAre("/bin/other", "/opt/a/libx.so"));
  EXPECT_THAT(system.consumers(glibc_loader), ElementsAre("/bin/app", "/bin/other", "/opt/bin/app"));
  EXPECT_FALSE(system.was_asked_for("/opt/bin"));
  EXPECT_THAT(system.consumers("/lib64/libx.so"), ElementsAre("/opt/bin/app"));
  EXPECT_TRUE(system.was_asked_for("/opt/bin"));
}

// A library can name a loader as well, and then has it in its closure; who loads it does not ask for that.
TEST(Graph, WhichLoaderALibraryNamesChangesNothingForOthers) {
  const World world = diamond();
  MemorySystem system(world);
  graph::Graph& graph = system.graph();
  const base::ObjectId liba = system.find("/lib64/liba.so");
  const std::uint64_t changes = graph.library_changes();
  graph::Object object = graph.object(liba);
  object.image.interpreter = system.names().intern(glibc_loader);
  graph.put("/lib64/liba.so", object);
  graph.resolve(system);
  EXPECT_EQ(graph.library_changes(), changes);
  EXPECT_THAT(system.consumers(glibc_loader), ElementsAre("/bin/app", "/lib64/liba.so"));
  EXPECT_THAT(system.consumers("/usr/lib64/libc.so"), ElementsAre("/bin/app", "/lib64/liba.so", "/lib64/libb.so"));
  EXPECT_THAT(system.consumers("/lib64/liba.so"), ElementsAre("/bin/app", "/lib64/libb.so", "/usr/lib64/libc.so"));

  object.image.needed.clear();
  graph.put("/lib64/liba.so", object);
  graph.resolve(system);
  EXPECT_NE(graph.library_changes(), changes);
  EXPECT_THAT(system.consumers("/usr/lib64/libc.so"), ElementsAre("/bin/app", "/lib64/libb.so"));
}

}  // namespace
}  // namespace revdep::graph_test
