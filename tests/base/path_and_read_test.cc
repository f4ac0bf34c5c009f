// What base/tree.h offers beside the Tree.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>

#include "base/fd.h"
#include "base/tree.h"

namespace revdep::base {
namespace {

TEST(SplitPath, AtTheLastSlash) {
  using Parts = std::pair<std::string_view, std::string_view>;
  EXPECT_EQ(split_path("/usr/lib/x"), Parts("/usr/lib", "x"));
  EXPECT_EQ(split_path("/x"), Parts("/", "x"));
  EXPECT_EQ(split_path("/"), Parts("/", ""));
  EXPECT_EQ(split_path("x"), Parts("/", "x"));
  EXPECT_EQ(split_path("/usr/"), Parts("/usr", ""));
}

TEST(JoinPath, WithOneSlash) {
  EXPECT_EQ(join_path("/usr", "x"), "/usr/x");
  EXPECT_EQ(join_path("/usr/", "x"), "/usr/x");
  EXPECT_EQ(join_path("/", "x"), "/x");
}

TEST(ReadAll, ReadsWhatDoesNotTellItsSize) {
  int ends[2] = {-1, -1};
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const Fd reading(ends[0]);
  Fd writing(ends[1]);
  const std::string text(5000, 'x');
  ASSERT_EQ(::write(writing.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  writing.reset();
  const Result<std::string> got = read_all(reading.get(), 5000, "pipe");
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(*got, text);
}

TEST(ReadAll, MoreThanTheLimitIsAnErrorHoweverItTurnsUp) {
  int ends[2] = {-1, -1};
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const Fd reading(ends[0]);
  Fd writing(ends[1]);
  ASSERT_EQ(::write(writing.get(), "12345", 5), 5);
  writing.reset();
  const Result<std::string> got = read_all(reading.get(), 4, "pipe");
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error(), (Error{"read", "pipe", "larger than 4 bytes"}));
}

}  // namespace
}  // namespace revdep::base
