// A package's image laid over a system, as a merge would install it.
#include "base/image.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "support/temp_dir.h"

namespace revdep::base {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

class ImageTest : public testing::Test {
 protected:
  void system(const std::string& path, const std::string& text = "system") {
    support::write_file(directory_ / ("root" + path), text);
  }
  void image(const std::string& path, const std::string& text = "image") {
    support::write_file(directory_ / ("image" + path), text);
  }
  void link(const std::string& path, const std::string& target) {
    std::filesystem::create_directories((directory_ / path).parent_path());
    std::filesystem::create_symlink(target, directory_ / path);
  }
  Tree lay() {
    std::filesystem::create_directories(directory_ / "root");
    std::filesystem::create_directories(directory_ / "image");
    auto tree = Tree::open(directory_ / "root");
    const auto error = tree->lay_over(directory_ / "image");
    if (error) throw std::runtime_error(error->to_string());
    return std::move(*tree);
  }
  static std::string read(Tree& tree, const std::string& path) {
    const auto text = tree.read_file(path, 100);
    return text ? *text : text.error().reason;
  }

  support::TempDir directory_;
};

TEST_F(ImageTest, ItsFilesStandInPlaceOfTheSystems) {
  system("/usr/lib/old", "old");
  system("/usr/lib/both", "old");
  image("/usr/lib/both", "new");
  image("/usr/lib/new", "new one");
  Tree tree = lay();
  EXPECT_EQ(read(tree, "/usr/lib/old"), "old");
  EXPECT_EQ(read(tree, "/usr/lib/both"), "new");
  EXPECT_EQ(read(tree, "/usr/lib/new"), "new one");
  EXPECT_EQ(tree.status("/usr/lib/new")->st_size, 7);
  EXPECT_THAT(*tree.list("/usr/lib"), UnorderedElementsAre("old", "both", "new"));
  EXPECT_THAT(tree.image()->files(), ElementsAre("/usr/lib/both", "/usr/lib/new"));
}

TEST_F(ImageTest, AnEntryIsTheImagesWhetherAskedOnceOrOften) {
  for (char name = 'a'; name < 'k'; ++name) system(std::string("/lib/") + name);
  image("/lib/a", "new");
  Tree tree = lay();
  struct stat status {};
  ASSERT_EQ(::stat((directory_ / "image/lib/a").c_str(), &status), 0);
  EXPECT_EQ(tree.entry("/lib", "a").inode, status.st_ino);
  for (char name = 'a'; name < 'k'; ++name) tree.entry("/lib", std::string(1, name));
  EXPECT_EQ(tree.entry("/lib", "a").inode, status.st_ino);
}

TEST_F(ImageTest, ItsDirectoriesGoWhereTheSystemsLinksLead) {
  system("/usr/bin/x");
  link("root/bin", "usr/bin");
  image("/bin/new", "new");
  Tree tree = lay();
  EXPECT_EQ(read(tree, "/usr/bin/new"), "new");
  EXPECT_EQ(read(tree, "/bin/new"), "new");
  EXPECT_EQ(tree.resolve("/bin/new").path, "/usr/bin/new");
  ASSERT_NE(tree.image()->find("/usr/bin/new"), nullptr);
  EXPECT_EQ(*tree.image()->find("/usr/bin/new"), "/bin/new");
  EXPECT_EQ(tree.image()->find("/bin/new"), nullptr);
}

TEST_F(ImageTest, ItBringsDirectoriesAndLinksOfItsOwn) {
  system("/usr/bin/x");
  image("/opt/new/deep/lib.so.1.2", "lib");
  link("image/opt/new/deep/lib.so.1", "lib.so.1.2");
  link("image/opt/current", "new");
  Tree tree = lay();
  EXPECT_EQ(read(tree, "/opt/current/deep/lib.so.1"), "lib");
  EXPECT_EQ(tree.resolve("/opt/current/deep/lib.so.1").path, "/opt/new/deep/lib.so.1.2");
  EXPECT_EQ(tree.entry("/opt", "new").kind, FileKind::directory);
  EXPECT_THAT(*tree.list("/opt/new/deep"), UnorderedElementsAre("lib.so.1.2", "lib.so.1"));
}

TEST_F(ImageTest, ADirectoryOfTheSystemIsNotReplacedByALink) {
  system("/usr/lib/x", "there");
  link("image/usr/lib", "elsewhere");
  Tree tree = lay();
  EXPECT_EQ(read(tree, "/usr/lib/x"), "there");
}

TEST_F(ImageTest, WithoutOneThereIsNoImage) {
  system("/x");
  EXPECT_EQ(Tree::open(directory_ / "root")->image(), nullptr);
}

TEST_F(ImageTest, OneThatIsMissingIsAnError) {
  system("/x");
  auto tree = Tree::open(directory_ / "root");
  const auto error = tree->lay_over(directory_ / "none");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->reason, "No such file or directory");
  EXPECT_EQ(tree->image(), nullptr);
}

}  // namespace
}  // namespace revdep::base
