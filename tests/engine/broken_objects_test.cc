// Listed objects that are not what the database says: its word stands where it can, and each has one message.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "engine/sample_root.h"

namespace revdep::engine_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class BrokenObject : public testing::TestWithParam<std::string_view> {
 protected:
  BrokenObject() { before_ = ask(*load(root_.path())); }

  void truncate(std::string_view path) const { std::filesystem::resize_file(root_ / path, 200); }
  void make_text(std::string_view path) const { support::write_file(root_ / path, "no ELF object at all\n", 0755); }

  void ask_again() {
    const auto system = load(root_.path());
    after_ = ask(*system);
    problems_ = problem_lines(*system);
    std::erase_if(problems_, [](const std::string& line) { return line.find("/usr/bin/mode0") != std::string::npos; });
  }
  // The database says what it loads; what only its headers tell (its loader, its marking) is not known.
  void expect_the_databases_word_of(const std::string& path) {
    ask_again();
    EXPECT_EQ(without(after_, {path}), without(before_, {path}));
    ASSERT_TRUE(after_.contains(path));
    EXPECT_EQ(after_[path].closure, before_[path].closure);
    EXPECT_EQ(after_[path].consumers, before_[path].consumers);
    EXPECT_THAT(problems_, ElementsAre(HasSubstr(path)));
  }

  SampleRoot root_;
  Answers before_;
  Answers after_;
  std::vector<std::string> problems_;
};

// A program, a program with an rpath (which is always read), a library, a library with a marking.
INSTANTIATE_TEST_SUITE_P(Of, BrokenObject,
                         testing::Values("/usr/bin/foouser", "/opt/origin/bin/origin", "/usr/lib64/libmid.so.0",
                                         "/usr/lib64/libjitxt.so.1", "/usr/bin/stattiny"),
                         [](const auto& test) {
                           std::string name(test.param.substr(test.param.rfind('/') + 1));
                           std::erase(name, '.');
                           return name;
                         });

TEST_P(BrokenObject, ThatIsCutShortKeepsWhatTheDatabaseSays) {
  truncate(GetParam());
  expect_the_databases_word_of(std::string(GetParam()));
}

TEST_P(BrokenObject, ThatIsTextKeepsWhatTheDatabaseSays) {
  make_text(GetParam());
  expect_the_databases_word_of(std::string(GetParam()));
}

TEST_F(BrokenObject, ThatIsNoConsumerIsNotNamedThoughItWasReadAhead) {
  truncate("/usr/lib64/libmid.so.0");
  engine::LoadOptions options;
  options.root = root_.path();
  options.consumers_of = "libfoo.so.2";
  const auto system = load(options);
  system->consumers(system->graph().find("/usr/lib64/libjitpt.so.1"));
  EXPECT_THAT(problem_lines(*system), testing::Not(testing::Contains(HasSubstr("libmid"))));
  system->consumers(system->graph().find("/usr/lib64/libfoo.so.2.0"));
  EXPECT_THAT(problem_lines(*system), testing::Contains(HasSubstr("libmid")));
}

TEST_F(BrokenObject, APreservedLibraryThatIsCutShortStopsTheLoader) {
  truncate("/usr/lib64/libfoo.so.1.0");
  ask_again();
  EXPECT_FALSE(after_.contains("/usr/lib64/libfoo.so.1.0"));
  EXPECT_THAT(after_["/usr/bin/foouser"].closure, ElementsAre("/usr/lib64/libmid.so.0", "/usr/lib64/libfoo.so.2.0"));
  EXPECT_THAT(after_["/usr/bin/foouser"].unresolved, testing::Contains("libfoo.so.1"));
  EXPECT_THAT(problems_, ElementsAre(StartsWith("cannot read /usr/lib64/libfoo.so.1.0: ")));
}

TEST_F(BrokenObject, APreservedLibraryThatIsAFifoIsNotWaitedFor) {
  std::filesystem::remove(root_ / "usr/lib64/libfoo.so.1.0");
  ASSERT_EQ(::mkfifo((root_ / "usr/lib64/libfoo.so.1.0").c_str(), 0644), 0);
  ask_again();
  EXPECT_FALSE(after_.contains("/usr/lib64/libfoo.so.1.0"));
  EXPECT_THAT(after_["/usr/bin/foouser"].unresolved, testing::Contains("libfoo.so.1"));
}

TEST_F(BrokenObject, AListedProgramThatIsADirectoryNowIsGone) {
  std::filesystem::remove(root_ / "usr/bin/only");
  std::filesystem::create_directory(root_ / "usr/bin/only");
  ask_again();
  EXPECT_EQ(after_, without(before_, {"/usr/bin/only"}));
  EXPECT_THAT(problems_, testing::IsEmpty());
}

TEST_F(BrokenObject, ALinkLoopInTheLibraryDirectoryIsPassedOver) {
  std::filesystem::remove(root_ / "usr/lib64/libfoo.so.2");
  std::filesystem::create_symlink("libfoo.so.2", root_ / "usr/lib64/libfoo.so.2");
  ask_again();
  EXPECT_THAT(after_["/usr/lib64/libmid.so.0"].unresolved, ElementsAre("libfoo.so.2"));
  EXPECT_THAT(after_["/usr/bin/foouser"].closure, ElementsAre("/usr/lib64/libmid.so.0", "/usr/lib64/libfoo.so.1.0"));
  EXPECT_THAT(problems_, testing::IsEmpty());
}

}  // namespace
}  // namespace revdep::engine_test
