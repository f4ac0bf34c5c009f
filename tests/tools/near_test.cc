#include "revdep-pax/near.h"

#include <gtest/gtest.h>

namespace revdep::tool {
namespace {

using Names = std::vector<std::string_view>;

TEST(NearNames, HaveTheSameStem) {
  EXPECT_EQ(near_names("libssl.so.1.1", {"libssl.so.3", "libz.so.1", "libssl.so.3"}), Names{"libssl.so.3"});
  EXPECT_EQ(near_names("libz", {"libz.so.1", "libm.so.6"}), Names{"libz.so.1"});
}

TEST(NearNames, AreFewEditsAway) {
  EXPECT_EQ(near_names("libcrul.so.4", {"libcurl.so.4", "libcups.so.2"}), Names{"libcurl.so.4"});
  EXPECT_EQ(near_names("completely-else", {"libcurl.so.4"}), Names{});
}

TEST(NearNames, AreThreeAtMost) {
  EXPECT_EQ(near_names("liba.so", {"liba.so.4", "liba.so.3", "liba.so.2", "liba.so.1"}),
            (Names{"liba.so.1", "liba.so.2", "liba.so.3"}));
}

TEST(NearPaths, AreComparedByBaseName) {
  EXPECT_EQ(near_paths("/bin/curl", {"/usr/bin/curl", "/opt/bin/curl", "/usr/bin/python"}),
            (Names{"/opt/bin/curl", "/usr/bin/curl"}));
  EXPECT_EQ(near_paths("/usr/bin/pyhton", {"/usr/bin/curl", "/usr/bin/python"}), Names{"/usr/bin/python"});
}

TEST(DidYouMean, IsAnEndOfASentence) {
  EXPECT_EQ(did_you_mean({}), "");
  EXPECT_EQ(did_you_mean({"a"}), "; did you mean a?");
  EXPECT_EQ(did_you_mean({"a", "b"}), "; did you mean a or b?");
  EXPECT_EQ(did_you_mean({"a", "b", "c"}), "; did you mean a, b or c?");
}

}  // namespace
}  // namespace revdep::tool
