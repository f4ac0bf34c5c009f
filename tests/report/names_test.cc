#include "report/names.h"

#include <gtest/gtest.h>

namespace revdep::report {
namespace {

using namespace std::string_literals;

TEST(Escape, MakesControlBytesAndTheBackslashVisibleAndNothingElse) {
  EXPECT_EQ(escape("/usr/lib/libx y.so"), "/usr/lib/libx y.so");
  EXPECT_EQ(escape("a\tb\nc\x1b[m\x7f"), "a\\x09b\\x0ac\\x1b[m\\x7f");
  EXPECT_EQ(escape("a\\x09"), "a\\x5cx09");
  EXPECT_EQ(escape("nul\0!"s), "nul\\x00!");
  EXPECT_EQ(escape("\xff\xc3\xa9"), "\xff\xc3\xa9");
}

TEST(Escape, IsNotNeededForPlainNames) {
  EXPECT_TRUE(is_plain("libc.so.6"));
  EXPECT_TRUE(is_plain("\xff"));
  EXPECT_FALSE(is_plain("a\nb"));
  EXPECT_FALSE(is_plain("a\\b"));
}

TEST(Utf8, TakesWellFormedSequencesOnly) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("caf\xc3\xa9"));        // U+00E9
  EXPECT_TRUE(is_utf8("\xe2\x82\xac"));       // U+20AC
  EXPECT_TRUE(is_utf8("\xf0\x9f\x90\xa7"));   // U+1F427
  EXPECT_FALSE(is_utf8("\xc3"));              // cut
  EXPECT_FALSE(is_utf8("\x80"));              // no lead
  EXPECT_FALSE(is_utf8("\xc0\xaf"));          // overlong
  EXPECT_FALSE(is_utf8("\xe0\x80\xaf"));      // overlong
  EXPECT_FALSE(is_utf8("\xed\xa0\x80"));      // a surrogate
  EXPECT_FALSE(is_utf8("\xf4\x90\x80\x80"));  // above U+10FFFF
  EXPECT_FALSE(is_utf8("\xe2\x82\xac\xe2\x82"));
}

TEST(Base64, IsThatOfRfc4648) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("\xff\xfe\xfd"), "//79");
}

TEST(PutName, AddsBytesOnlyToNamesThatAreNotUtf8) {
  nlohmann::ordered_json object;
  put_name(object, "path", "/a\nb\\");
  put_name(object, "soname", "\xff\n");
  EXPECT_EQ(object.dump(), R"({"path":"/a\nb\\","soname":"\\xff\\x0a","soname_bytes":"/wo="})");
}

}  // namespace
}  // namespace revdep::report
