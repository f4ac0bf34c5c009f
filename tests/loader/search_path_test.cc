// Tokens and search paths as glibc reads them; the expectations are those of its elf/dl-load.c.
#include "loader/search_path.h"

#include <gtest/gtest.h>

namespace revdep::loader {
namespace {

using Strings = std::vector<std::string>;

class SearchPath : public testing::Test {
 protected:
  SearchPath() {
    platform_.system_directories = {"/lib64", "/usr/lib64"};
    platform_.lib = "lib64";
    platform_.platform = "x86_64";
  }
  [[nodiscard]] TokenValues values(std::string_view origin = "/opt/app") const { return {origin, &platform_}; }
  [[nodiscard]] TokenValues secure(bool program, std::string_view origin = "/usr/lib64/app") const {
    return {origin, &platform_, true, program};
  }
  Platform platform_;
};

TEST_F(SearchPath, TokensAreReplacedWithAndWithoutBraces) {
  EXPECT_EQ(expand_tokens("$ORIGIN/../lib", values()), "/opt/app/../lib");
  EXPECT_EQ(expand_tokens("${ORIGIN}x", values()), "/opt/appx");
  EXPECT_EQ(expand_tokens("/usr/$LIB/${PLATFORM}", values()), "/usr/lib64/x86_64");
}

TEST_F(SearchPath, TokenEndsWhereAWordEnds) {
  for (const char* const text : {"$ORIGINAL", "$ORIGIN_", "$LIB64", "${ORIGIN", "${ORIGIN_}", "$", "$$", "$unknown"}) {
    EXPECT_EQ(expand_tokens(text, values()), text);
    EXPECT_FALSE(uses_origin(text)) << text;
  }
  EXPECT_EQ(expand_tokens("$$ORIGIN", values()), "$/opt/app");
  EXPECT_TRUE(uses_origin("a:$ORIGIN.d"));
}

TEST_F(SearchPath, TokenWithoutAValueVoidsTheText) {
  platform_.platform.clear();
  EXPECT_EQ(expand_tokens("/usr/$PLATFORM", values()), std::nullopt);
  EXPECT_EQ(split_search_path("/a:/b/$PLATFORM:/c", values()), (Strings{"/a", "/c"}));
}

TEST_F(SearchPath, OriginThatIsTheRootAddsNoSlash) {
  EXPECT_EQ(expand_tokens("$ORIGIN/lib", values("/")), "/lib");
  EXPECT_EQ(expand_tokens("$ORIGIN", values("/")), "/");
}

TEST_F(SearchPath, EmptyElementsAreTheCurrentDirectory) {
  EXPECT_EQ(split_search_path("/a::/b", values()), (Strings{"/a", "/", "/b"}));
  EXPECT_EQ(split_search_path(":/a", values()), (Strings{"/", "/a"}));
  EXPECT_EQ(split_search_path("/a:", values()), (Strings{"/a", "/"}));
}

TEST_F(SearchPath, EmptyTextHasNoDirectories) { EXPECT_EQ(split_search_path("", values()), Strings{}); }

TEST_F(SearchPath, ElementThatExpandsToNothingIsNone) {
  EXPECT_EQ(split_search_path("$ORIGIN:/a", values("")), Strings{"/a"});
}

TEST_F(SearchPath, SecureProcessTakesOriginOnlyAsTheFirstPart) {
  for (const bool program : {true, false}) {
    EXPECT_EQ(expand_tokens("$ORIGIN", secure(program)), "/usr/lib64/app");
    EXPECT_EQ(expand_tokens("${ORIGIN}/private", secure(program)), "/usr/lib64/app/private");
    EXPECT_EQ(expand_tokens("$ORIGIN.d", secure(program)), std::nullopt);
    EXPECT_EQ(expand_tokens("/usr/..$ORIGIN", secure(program)), std::nullopt);
    EXPECT_EQ(expand_tokens("/usr/$LIB", secure(program)), "/usr/lib64");
  }
}

TEST_F(SearchPath, SecureProgramsOriginMustLeadBelowASystemDirectory) {
  EXPECT_EQ(expand_tokens("$ORIGIN", secure(true, "/opt/app")), std::nullopt);
  EXPECT_EQ(expand_tokens("$ORIGIN/../../../opt", secure(true)), std::nullopt);
  EXPECT_EQ(expand_tokens("$ORIGIN/../x", secure(true)), "/usr/lib64/app/../x");
  EXPECT_EQ(expand_tokens("$ORIGIN/../lib64/x", secure(true, "/bin")), "/bin/../lib64/x");
  EXPECT_EQ(expand_tokens("$ORIGIN", secure(true, "/usr/lib64x")), std::nullopt);
}

TEST_F(SearchPath, OriginOfASecureProcessesLibraryMayLieAnywhere) {
  EXPECT_EQ(expand_tokens("$ORIGIN/private", secure(false, "/opt/app")), "/opt/app/private");
}

}  // namespace
}  // namespace revdep::loader
