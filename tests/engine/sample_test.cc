// The root that Portage made, against what readelf, scanelf and getfattr say of its files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>

#include "engine/sample_root.h"

namespace revdep::engine_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr std::string_view no_loader = "/lib64/ld-linux-x86-64.so.2";
constexpr std::string_view no_i386_loader = "/lib/ld-linux.so.2";

// Both words of the facts must give the same answers: the database of a sound system is right.
class Sample : public testing::TestWithParam<engine::FactsFrom> {
 protected:
  Sample() {
    engine::LoadOptions options;
    options.root = root_.path();
    options.facts = GetParam();
    system_ = load(options);
  }

  std::vector<std::string> closure(std::string_view path) { return ask(*system_, path).closure; }
  std::vector<std::string> unresolved(std::string_view path) { return ask(*system_, path).unresolved; }
  std::set<std::string> consumers(std::string_view path) { return ask(*system_, path).consumers; }
  std::string marking(std::string_view path) { return ask(*system_, path).marking; }

  SampleRoot root_;
  std::unique_ptr<engine::System> system_;
};
INSTANTIATE_TEST_SUITE_P(FactsFrom, Sample, testing::Values(engine::FactsFrom::vdb, engine::FactsFrom::elf),
                         [](const auto& test) { return test.param == engine::FactsFrom::vdb ? "Vdb" : "Elf"; });

TEST_P(Sample, EveryProgramAndLibraryIsAnObjectAndNothingElse) {
  std::vector<std::string> paths;
  for (const auto& [path, answer] : ask(*system_)) paths.push_back(path);
  // Neither obj.o nor foo.ko nor libs.a, though the database lists the first two; no symlinks.
  EXPECT_THAT(paths,
              UnorderedElementsAre(
                  "/opt/My Dir/my  app", "/opt/l/hard3", "/opt/origin/bin/origin", "/opt/origin/bin/origin-lib",
                  "/opt/origin/bin/origin-old", "/opt/origin/bin/origin-rel", "/opt/origin/lib/libpriv.so.3",
                  "/usr/bin/foouser", "/usr/bin/foouser32", "/usr/bin/mode0", "/usr/bin/only", "/usr/bin/plainabs",
                  "/usr/bin/plainuser", "/usr/bin/statpie", "/usr/bin/stattiny", "/usr/bin/useboth", "/usr/bin/usent",
                  "/usr/bin/usept", "/usr/bin/usext", "/usr/bin/x", "/usr/bin/y", "/usr/lib/libfoo.so.1.0",
                  "/usr/lib64/lab/plugins/plug_a.so", "/usr/lib64/lab/plugins/plug_b.so", "/usr/lib64/libfoo.so.1.0",
                  "/usr/lib64/libfoo.so.2.0", "/usr/lib64/libjitboth.so.1", "/usr/lib64/libjitpt.so.1",
                  "/usr/lib64/libjitxt.so.1", "/usr/lib64/libmid.so.0", "/usr/lib64/libplain.so", "/usr/real/inreal"));
}

TEST_P(Sample, APreservedLibraryHasItsConsumersThoughNoPackageListsIt) {
  EXPECT_THAT(consumers("/usr/lib64/libfoo.so.1.0"),
              UnorderedElementsAre("/usr/bin/foouser", "/opt/My Dir/my  app", "/usr/lib64/lab/plugins/plug_a.so",
                                   "/usr/lib64/lab/plugins/plug_b.so"));
  const graph::Object& preserved = system_->graph().object(system_->graph().find("/usr/lib64/libfoo.so.1.0"));
  ASSERT_TRUE(preserved.package.valid());
  EXPECT_EQ(to_string(system_->packages()[preserved.package.index()]), "app-test/libfoo-2");
}

TEST_P(Sample, ClosuresAreBreadthFirst) {
  EXPECT_THAT(closure("/usr/bin/foouser"),
              ElementsAre("/usr/lib64/libmid.so.0", "/usr/lib64/libfoo.so.1.0", "/usr/lib64/libfoo.so.2.0"));
  EXPECT_THAT(closure("/usr/lib64/libmid.so.0"), ElementsAre("/usr/lib64/libfoo.so.2.0"));
  EXPECT_THAT(closure("/usr/lib64/lab/plugins/plug_a.so"), ElementsAre("/usr/lib64/libfoo.so.1.0"));
  EXPECT_THAT(consumers("/usr/lib64/libfoo.so.2.0"),
              UnorderedElementsAre("/usr/bin/foouser", "/usr/lib64/libmid.so.0"));
}

TEST_P(Sample, ALibraryWithoutSonameIsFoundByItsFileName) {
  EXPECT_THAT(closure("/usr/bin/plainuser"), ElementsAre("/usr/lib64/libplain.so"));
  EXPECT_THAT(consumers("/usr/lib64/libplain.so"), ElementsAre("/usr/bin/plainuser"));
}

TEST_P(Sample, ARelativePathCountsFromTheRootDirectory) {
  EXPECT_THAT(closure("/usr/bin/plainabs"), IsEmpty());
  EXPECT_THAT(unresolved("/usr/bin/plainabs"), ElementsAre(no_loader, "./libplain.so", "libc.so.6"));
}

TEST_P(Sample, RpathsLeadThereOnlyWithOriginAndAnExistingDirectory) {
  EXPECT_THAT(closure("/opt/origin/bin/origin"), ElementsAre("/opt/origin/lib/libpriv.so.3"));
  EXPECT_THAT(closure("/opt/origin/bin/origin-old"), ElementsAre("/opt/origin/lib/libpriv.so.3"));
  // $LIB is lib64, and there is no /opt/origin/lib64.
  EXPECT_THAT(closure("/opt/origin/bin/origin-lib"), IsEmpty());
  // lib and ../lib of the current directory.
  EXPECT_THAT(closure("/opt/origin/bin/origin-rel"), IsEmpty());
  EXPECT_THAT(unresolved("/opt/origin/bin/origin-lib"), ElementsAre(no_loader, "libpriv.so.3", "libc.so.6"));
  EXPECT_THAT(unresolved("/opt/origin/bin/origin-rel"), ElementsAre(no_loader, "libpriv.so.3", "libc.so.6"));
  EXPECT_THAT(consumers("/opt/origin/lib/libpriv.so.3"),
              ElementsAre("/opt/origin/bin/origin", "/opt/origin/bin/origin-old"));
}

TEST_P(Sample, I386AndAmd64KeepApartThoughTheSonameIsTheSame) {
  EXPECT_THAT(closure("/usr/bin/foouser32"), ElementsAre("/usr/lib/libfoo.so.1.0"));
  EXPECT_THAT(unresolved("/usr/bin/foouser32"), ElementsAre(no_i386_loader, "libc.so.6"));
  EXPECT_THAT(consumers("/usr/lib/libfoo.so.1.0"), ElementsAre("/usr/bin/foouser32"));
}

TEST_P(Sample, NamesWithBlanksAreObjectsLikeOthers) {
  EXPECT_THAT(closure("/opt/My Dir/my  app"), ElementsAre("/usr/lib64/libfoo.so.1.0"));
}

TEST_P(Sample, EachHardLinkIsAnObject) {
  EXPECT_EQ(ask(*system_, "/usr/bin/y"), ask(*system_, "/opt/l/hard3"));
  EXPECT_THAT(unresolved("/opt/l/hard3"), ElementsAre(no_loader, "libc.so.6"));
}

TEST_P(Sample, StaticProgramsLoadNothingAndMissNothing) {
  for (const std::string_view path : {"/usr/bin/stattiny", "/usr/bin/statpie"}) {
    EXPECT_EQ(ask(*system_, path), Answer{}) << path;
    EXPECT_FALSE(system_->closure(system_->graph().find(path)).fails) << path;
  }
}

TEST_P(Sample, TheMissingLibcIsUnresolvedForAllWhoNeedIt) {
  std::vector<std::string> without_libc;
  for (const auto& [path, answer] : ask(*system_)) {
    const auto& names = answer.unresolved;
    if (std::find(names.begin(), names.end(), "libc.so.6") == names.end()) without_libc.push_back(path);
  }
  EXPECT_THAT(without_libc,
              UnorderedElementsAre("/opt/origin/lib/libpriv.so.3", "/usr/bin/statpie", "/usr/bin/stattiny",
                                   "/usr/lib/libfoo.so.1.0", "/usr/lib64/lab/plugins/plug_a.so",
                                   "/usr/lib64/lab/plugins/plug_b.so", "/usr/lib64/libfoo.so.1.0",
                                   "/usr/lib64/libfoo.so.2.0", "/usr/lib64/libjitboth.so.1", "/usr/lib64/libjitpt.so.1",
                                   "/usr/lib64/libjitxt.so.1", "/usr/lib64/libmid.so.0", "/usr/lib64/libplain.so"));
}

TEST_P(Sample, MarkingsAreThoseOfHeaderAndXattr) {
  EXPECT_EQ(marking("/usr/lib64/libjitpt.so.1"), "header 2a00");
  EXPECT_EQ(marking("/usr/lib64/libjitxt.so.1"), "xattr em");
  EXPECT_EQ(marking("/usr/lib64/libjitboth.so.1"), "header 2a00 xattr mr");
  EXPECT_EQ(marking("/usr/bin/usept"), "header 2800");
  EXPECT_EQ(marking("/usr/bin/usext"), "header 2800");
  EXPECT_EQ(marking("/usr/bin/useboth"), "header 2800");
  std::vector<std::string> marked;
  for (const auto& [path, answer] : ask(*system_)) {
    if (!answer.marking.empty()) marked.push_back(path);
  }
  EXPECT_EQ(marked.size(), 6U) << testing::PrintToString(marked);
}

TEST_P(Sample, TheMarkedLibrariesHaveTheirConsumers) {
  EXPECT_THAT(consumers("/usr/lib64/libjitpt.so.1"), ElementsAre("/usr/bin/usent", "/usr/bin/usept"));
  EXPECT_THAT(consumers("/usr/lib64/libjitxt.so.1"), ElementsAre("/usr/bin/usext"));
  EXPECT_THAT(consumers("/usr/lib64/libjitboth.so.1"), ElementsAre("/usr/bin/useboth"));
}

TEST_P(Sample, ASoundDatabaseGivesNoMessage) {
  ask(*system_);
  const std::vector<std::string> problems = problem_lines(*system_);
  if (::geteuid() == 0) {
    EXPECT_THAT(problems, IsEmpty());
  } else {
    EXPECT_THAT(problems, ElementsAre(testing::HasSubstr("/usr/bin/mode0")));
  }
}

}  // namespace
}  // namespace revdep::engine_test
