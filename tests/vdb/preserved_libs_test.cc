#include "vdb/preserved_libs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace revdep::vdb {
namespace {

using namespace std::string_view_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Registry = std::vector<PreservedLibs>;

// What `text` holds when it is a registry without problems.
Registry sound(std::string_view text) {
  std::vector<base::Error> problems;
  const base::Result<Registry> registry = parse_preserved_libs(text, "registry", problems);
  EXPECT_TRUE(registry.ok()) << text;
  EXPECT_THAT(problems, IsEmpty()) << text;
  return registry.ok() ? *registry : Registry{};
}

TEST(PreservedLibs, EntriesInOrderOfTheirPackages) {
  const Registry registry = sound(R"({
	"app-test/libfoo:0": [
		"app-test/libfoo-2",
		"14",
		["/usr/lib64/libfoo.so.1.0", "/usr/lib64/libfoo.so.1"]
	],
	"app-test/a:2/3": ["app-test/a-2", 7, ["/opt/b l\u00e4nk.so"]]
})");
  ASSERT_EQ(registry.size(), 2u);
  EXPECT_EQ(registry[0].package_slot, "app-test/a:2/3");
  EXPECT_EQ(registry[0].package, "app-test/a-2");
  EXPECT_THAT(registry[0].paths, ElementsAre("/opt/b länk.so"));
  EXPECT_EQ(registry[1].package_slot, "app-test/libfoo:0");
  EXPECT_EQ(registry[1].package, "app-test/libfoo-2");
  EXPECT_THAT(registry[1].paths, ElementsAre("/usr/lib64/libfoo.so.1.0", "/usr/lib64/libfoo.so.1"));
}

TEST(PreservedLibs, EmptyFileAndEmptyObjectHoldNothing) {
  EXPECT_THAT(sound(""), IsEmpty());
  EXPECT_THAT(sound("{}"), IsEmpty());
}

TEST(PreservedLibs, EntriesOfAnotherShapeArePassedOver) {
  for (const std::string_view entry :
       {R"("text")"sv, "17"sv, "null"sv, "{}"sv, "[]"sv, R"(["c/p-1","1"])"sv, R"(["c/p-1","1",["/a"],"more"])"sv,
        R"([1,"1",["/a"]])"sv, R"(["c/p-1","1","/a"])"sv, R"(["c/p-1","1",["/a",2]])"sv,
        R"(["c/p-1","1",["relative"]])"sv, R"(["c/p-1","1",["/nul\u0000"]])"sv, R"(["c/p-1","1",[["/a"]]])"sv}) {
    const std::string text = R"({"c/good:0":["c/good-1","1",["/lib/g.so"]],"c/p:0":)" + std::string(entry) + "}";
    std::vector<base::Error> problems;
    const base::Result<Registry> registry = parse_preserved_libs(text, "/var/registry", problems);
    ASSERT_TRUE(registry.ok()) << text;
    ASSERT_EQ(registry->size(), 1u) << text;
    EXPECT_EQ(registry.value()[0].package, "c/good-1");
    ASSERT_EQ(problems.size(), 1u) << text;
    EXPECT_THAT(problems[0].to_string(), HasSubstr("c/p:0"));
    EXPECT_THAT(problems[0].to_string(), HasSubstr("/var/registry"));
  }
}

TEST(PreservedLibs, WhatIsNoRegistryIsAnError) {
  for (const std::string_view text :
       {"{"sv, "{}{}"sv, "[]"sv, "17"sv, R"("text")"sv, R"({"a":})"sv, "\x80\x02}q\x00."sv /* Python pickle */,
        "{\"\xff\":[]}"sv /* not UTF-8 */, R"({"a":["\ud800"]})"sv /* half a surrogate pair */, "\0\0\0\0"sv}) {
    std::vector<base::Error> problems;
    const base::Result<Registry> registry = parse_preserved_libs(text, "/var/registry", problems);
    ASSERT_FALSE(registry.ok()) << text;
    EXPECT_EQ(registry.error().object, "/var/registry");
    EXPECT_THAT(problems, IsEmpty());
  }
}

TEST(PreservedLibs, AnyCutOfARegistryIsAnError) {
  const std::string text = R"({"c/p:0":["c/p-1","1",["/lib/a.so"]]})";
  EXPECT_EQ(sound(text).size(), 1u);
  for (std::size_t size = 1; size < text.size(); ++size) {
    std::vector<base::Error> problems;
    EXPECT_FALSE(parse_preserved_libs(text.substr(0, size), "registry", problems).ok()) << text.substr(0, size);
  }
}

TEST(PreservedLibs, DeepNestingNeedsNoStack) {
  constexpr std::size_t depth = 300'000;
  std::vector<base::Error> problems;
  EXPECT_FALSE(parse_preserved_libs(std::string(depth, '['), "registry", problems).ok());

  const std::string closed = R"({"a":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
  const base::Result<Registry> registry = parse_preserved_libs(closed, "registry", problems);
  ASSERT_TRUE(registry.ok());
  EXPECT_THAT(*registry, IsEmpty());
  EXPECT_EQ(problems.size(), 1u);
}

}  // namespace
}  // namespace revdep::vdb
