#include "base/error.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <string>
#include <utility>

namespace revdep::base {
namespace {

TEST(Error, SaysActionObjectAndReason) {
  EXPECT_EQ((Error{"set user.pax.flags on", "/usr/bin/x", "Read-only file system"}.to_string()),
            "cannot set user.pax.flags on /usr/bin/x: Read-only file system");
  EXPECT_EQ((Error{"start", "", "out of luck"}.to_string()), "cannot start: out of luck");
}

TEST(Error, OfTheSystemHasItsText) {
  const Error error = system_error("read", "/etc/shadow", EACCES);
  EXPECT_EQ(error, (Error{"read", "/etc/shadow", "Permission denied"}));
}

TEST(Result, IsAValueOrAnError) {
  const Result<int> value = 17;
  EXPECT_TRUE(value.ok());
  EXPECT_TRUE(static_cast<bool>(value));
  EXPECT_EQ(*value, 17);
  const Result<int> failure = Error{"read", "x", "gone"};
  EXPECT_FALSE(failure.ok());
  EXPECT_FALSE(static_cast<bool>(failure));
  EXPECT_EQ(failure.error().object, "x");
}

TEST(Result, OfErrorsKeepsValueAndFailureApart) {
  // The same words in two roles.
  const Result<std::string> text = std::string("gone");
  const Result<std::string> failure = Error{"", "", "gone"};
  EXPECT_TRUE(text.ok());
  EXPECT_FALSE(failure.ok());
}

TEST(Result, MovesItsValueOut) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(17);
  EXPECT_EQ(*result->get(), 17);
  const std::unique_ptr<int> taken = *std::move(result);
  EXPECT_EQ(*taken, 17);
}

}  // namespace
}  // namespace revdep::base
