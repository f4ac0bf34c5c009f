#include "report/stores.h"

#include <gtest/gtest.h>

namespace revdep::report {
namespace {

TEST(ShowXattr, TellsAbsentFromEmptyAndMalformedAsItIs) {
  EXPECT_EQ(show_xattr(std::nullopt), "none");
  EXPECT_EQ(show_xattr(""), "empty");
  EXPECT_EQ(show_xattr("em"), "em");
  EXPECT_EQ(show_xattr("-em--"), "-em--");
  EXPECT_EQ(show_xattr("m\n"), "m\\x0a");
}

TEST(ShowHeader, IsLettersUnlessItIsMalformed) {
  EXPECT_EQ(show_header(std::nullopt), "none");
  EXPECT_EQ(show_header(0), "-----");
  EXPECT_EQ(show_header(0x2800), "-e---");  // RANDEXEC is no letter
  EXPECT_EQ(show_header(0x2a00), "-em--");
  EXPECT_EQ(show_header(1U << 4U | 1U << 12U | 1U << 8U | 1U << 14U | 1U << 6U), "PEMRS");
  EXPECT_EQ(show_header(0x30), "malformed 0x30");
}

TEST(JsonStores, HasNullForWhatIsNotThere) {
  EXPECT_EQ(json_stores({}).dump(), R"({"xattr":null,"header":null,"ei":0})");
  EXPECT_EQ(json_stores({.xattr = "m\xff", .header = 0x2800, .ei_pax = 9}).dump(),
            R"({"xattr":"m\\xff","header":10240,"ei":9})");
}

}  // namespace
}  // namespace revdep::report
