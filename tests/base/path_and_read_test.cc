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
  const Fd fd(::open("/proc/self/status", O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(fd.valid());
  const Result<std::string> got = read_all(fd.get(), 1'000'000, "status");
  ASSERT_TRUE(got.ok());
  EXPECT_NE(got->find("Name:"), std::string::npos);
  EXPECT_TRUE(got->ends_with('\n'));
}

TEST(ReadAll, MoreThanTheLimitIsAnErrorHoweverItTurnsUp) {
  const Fd fd(::open("/proc/self/status", O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(fd.valid());
  const Result<std::string> got = read_all(fd.get(), 4, "status");
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error(), (Error{"read", "status", "larger than 4 bytes"}));
}

TEST(ReadAll, WhatIsNoRegularFileIsAnErrorAndIsNotWaitedFor) {
  int ends[2] = {-1, -1};
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const Fd reading(ends[0]);
  const Fd writing(ends[1]);
  const Result<std::string> got = read_all(reading.get(), 4, "pipe");
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error(), (Error{"read", "pipe", "not a regular file"}));
}

}  // namespace
}  // namespace revdep::base
