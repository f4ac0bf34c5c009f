#include "config/glob.h"

#include <fnmatch.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace revdep::config {
namespace {

TEST(Glob, MatchesWithinADirectory) {
  EXPECT_TRUE(matches("/usr/lib*/*.so", "/usr/lib64/x.so"));
  EXPECT_FALSE(matches("/usr/*.so", "/usr/lib64/x.so"));
  EXPECT_TRUE(matches("/usr/bin/?", "/usr/bin/x"));
  EXPECT_FALSE(matches("/usr/bin/?", "/usr/bin/"));
  EXPECT_TRUE(matches("/usr/bin/[xy]", "/usr/bin/y"));
  EXPECT_TRUE(matches("/usr/bin/.*", "/usr/bin/.x"));
}

TEST(Glob, WithoutWildcardsMatchesThatPathOnly) {
  EXPECT_TRUE(matches("/usr/bin/x", "/usr/bin/x"));
  EXPECT_FALSE(matches("/usr/bin/x", "/usr/bin/xy"));
  EXPECT_FALSE(matches("/usr/bin/xy", "/usr/bin/x"));
  EXPECT_TRUE(matches(R"(/usr/bin/\[)", "/usr/bin/["));
  EXPECT_FALSE(matches(R"(/usr/bin/\*)", "/usr/bin/x"));
}

TEST(Glob, AnswersAsFnmatchForEveryShortPatternAndPath) {
  const std::string letters = "/a*?[]\\";
  std::vector<std::string> texts = {""};
  for (std::size_t index = 0; index < texts.size() && texts[index].size() < 4; ++index) {
    for (const char letter : letters) texts.push_back(texts[index] + letter);
  }
  for (const std::string& glob : texts) {
    for (const std::string path : {"", "/", "/a", "/a/a", "/aa", "/*", "/[", "a", "/a*", "*"}) {
      EXPECT_EQ(matches(glob, path), ::fnmatch(glob.c_str(), path.c_str(), FNM_PATHNAME) == 0) << glob << ' ' << path;
    }
  }
}

TEST(Glob, IsPlainWhenEveryWildcardIsEscaped) {
  EXPECT_TRUE(is_plain("/usr/bin/x"));
  EXPECT_TRUE(is_plain(R"(/usr/bin/\[\*\?\\)"));
  EXPECT_FALSE(is_plain("/usr/bin/*"));
  EXPECT_FALSE(is_plain("/usr/bin/?"));
  EXPECT_FALSE(is_plain("/usr/bin/[xy]"));
  EXPECT_FALSE(is_plain(R"(/usr/bin/\\*)"));
}

TEST(Glob, OfAPathIsPlainAndNamesItAgain) {
  for (const std::string path : {"/usr/bin/x", "/usr/bin/[", "/a*b?c\\d", "/a b]", "/\\"}) {
    const std::string glob = escape_glob(path);
    EXPECT_TRUE(is_plain(glob)) << glob;
    EXPECT_EQ(plain_path(glob), path);
    EXPECT_TRUE(matches(glob, path)) << glob;
    EXPECT_EQ(check_glob(glob), "");
  }
}

}  // namespace
}  // namespace revdep::config
