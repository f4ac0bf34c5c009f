// What a second look at a tree tells: each difference, no more, and nothing that its answers did not take up.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <ctime>

#include "base/tree_fixture.h"
#include "base/tree_history.h"

namespace revdep::base {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A look so late that what was done before it is old.
constexpr std::time_t later = 60;

TEST_F(TreeTest, ASecondLookTellsOfWhatCameAndWentAndIsAnother) {
  file("usr/a");
  file("usr/b");
  file("usr/c");
  Tree tree = open();
  // By name, and as a whole.
  for (const char* const directory : {"/usr", "/opt"}) {
    for (const char* const name : {"a", "b", "c", "d"}) tree.entry(directory, name);
  }
  ASSERT_TRUE(tree.list("/usr").ok());
  std::filesystem::remove(at("usr/a"));
  file("usr/d");
  file("usr/unheard-of");
  file("new");
  std::filesystem::rename(at("new"), at("usr/c"));
  EXPECT_EQ(tree.entry("/usr", "a").kind, FileKind::regular);
  const Tree::Changes changes = tree.refresh();
  EXPECT_THAT(changes.entries, ElementsAre("/usr/a", "/usr/c", "/usr/d", "/usr/unheard-of"));
  EXPECT_FALSE(changes.directories);
  EXPECT_EQ(tree.entry("/usr", "a").kind, FileKind::missing);
  EXPECT_EQ(tree.entry("/usr", "d").kind, FileKind::regular);
  EXPECT_THAT(tree.refresh().entries, IsEmpty());
}

TEST_F(TreeTest, ASecondLookTellsOfFewNamesAsOfMany) {
  file("usr/a");
  Tree tree = open();
  tree.entry("/usr", "a");
  tree.entry("/usr", "b");
  std::filesystem::remove(at("usr/a"));
  file("usr/b");
  file("usr/unasked");
  EXPECT_THAT(tree.refresh().entries, ElementsAre("/usr/a", "/usr/b"));
}

TEST_F(TreeTest, ALinkThatLeadsElsewhereIsAChangeEvenWithItsInode) {
  file("usr/a");
  file("usr/b");
  symlink("usr/link", "a");
  Tree tree = open();
  EXPECT_EQ(describe(tree.resolve("/usr/link")), "regular /usr/a");
  struct stat before {};
  ASSERT_EQ(::lstat(at("usr/link").c_str(), &before), 0);
  // An inode is soon given out again: then only the target tells.
  std::filesystem::remove(at("usr/link"));
  symlink("usr/link", "b");
  EXPECT_EQ(describe(tree.resolve("/usr/link")), "regular /usr/a");
  EXPECT_THAT(tree.refresh().entries, ElementsAre("/usr/link"));
  EXPECT_EQ(describe(tree.resolve("/usr/link")), "regular /usr/b");
}

TEST_F(TreeTest, DirectoriesAreOthersWhereALinkToOneIsAndWhereOneComesOrGoes) {
  file("usr/lib64/x");
  file("usr/lib32/x");
  symlink("lib", "usr/lib64");
  Tree tree = open();
  ASSERT_NE(tree.resolve_directory("/lib"), nullptr);
  EXPECT_EQ(tree.resolve_directory("/opt/new/deep"), nullptr);
  directory("srv");
  EXPECT_FALSE(tree.refresh().directories) << "nobody asked for it";
  directory("opt");
  EXPECT_TRUE(tree.refresh().directories) << "on the way to what was not there";
  EXPECT_EQ(tree.resolve_directory("/opt/new/deep"), nullptr);
  directory("opt/new/deep");
  EXPECT_EQ(tree.resolve_directory("/opt/new/deep"), nullptr) << "until a second look";
  EXPECT_TRUE(tree.refresh().directories);
  ASSERT_NE(tree.resolve_directory("/opt/new/deep"), nullptr);
  ASSERT_NE(tree.resolve_directory("/lib"), nullptr);
  std::filesystem::remove(at("lib"));
  symlink("lib", "usr/lib32");
  EXPECT_TRUE(tree.refresh().directories);
  ASSERT_NE(tree.resolve_directory("/lib"), nullptr);
  EXPECT_EQ(*tree.resolve_directory("/lib"), "/usr/lib32");
  std::filesystem::remove_all(at("usr/lib32"));
  EXPECT_TRUE(tree.refresh().directories);
  EXPECT_EQ(tree.resolve_directory("/lib"), nullptr);
}

TEST_F(TreeTest, ResolvingTellsWhatTheLastComponentLedThrough) {
  file("usr/lib/liba.so.1.2");
  symlink("usr/lib/liba.so.1", "../lib/liba.so");
  symlink("usr/lib/liba.so", "liba.so.1.2");
  symlink("usr/lib/libb.so", "/gone");
  Tree tree = open();
  std::vector<std::string> through;
  tree.resolve("/usr/lib/liba.so.1", &through);
  EXPECT_THAT(through, ElementsAre("/usr/lib/liba.so.1", "/usr/lib/liba.so", "/usr/lib/liba.so.1.2"));
  through.clear();
  tree.resolve("/usr/lib/libb.so", &through);
  EXPECT_THAT(through, ElementsAre("/usr/lib/libb.so", "/gone"));
}

// With looks that take all that is older than a tick for settled.
TEST_F(TreeTest, AfterAnyChangesItsAnswersAreThoseOfAFreshOne) { expect_fresh_answers(*this, nullptr, later); }

TEST_F(TreeTest, SoTheyAreWhereNothingIsSettled) { expect_fresh_answers(*this, nullptr, 0); }

}  // namespace
}  // namespace revdep::base
