#include "base/interner.h"

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"

namespace revdep::base {
namespace {

using namespace std::string_view_literals;

TEST(Interner, SameTextHasOneIdAndIdsAreDense) {
  Interner<NameId> names;
  EXPECT_EQ(names.intern("libc.so.6").value, 0u);
  EXPECT_EQ(names.intern("libm.so.6").value, 1u);
  EXPECT_EQ(names.intern("libc.so.6").value, 0u);
  EXPECT_EQ(names.intern("").value, 2u);
  EXPECT_EQ(names.intern("").value, 2u);
  EXPECT_EQ(names.size(), 3u);
}

TEST(Interner, TextIsCompared) {
  Interner<NameId> names;
  const NameId short_one = names.intern("a");
  const NameId with_nul = names.intern("a\0b"sv);
  EXPECT_NE(short_one, with_nul);
  EXPECT_EQ(names.view(with_nul), "a\0b"sv);
}

TEST(Interner, FindAddsNothing) {
  Interner<NameId> names;
  EXPECT_FALSE(names.find("x").valid());
  const NameId id = names.intern("x");
  EXPECT_EQ(names.find("x"), id);
  EXPECT_FALSE(names.find("y").valid());
  EXPECT_EQ(names.size(), 1u);
}

TEST(Interner, ViewsOutliveGrowthAndTheCallersText) {
  Interner<NameId> names;
  std::vector<std::string_view> views;
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = "lib" + std::to_string(i) + ".so";
    views.push_back(names.view(names.intern(text)));
  }
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = "lib" + std::to_string(i) + ".so";
    const NameId id{static_cast<std::uint32_t>(i)};
    EXPECT_EQ(names.view(id), text);
    EXPECT_EQ(names.view(id).data(), views[id.index()].data());
    EXPECT_EQ(names.find(text), id);
  }
}

TEST(Interner, TextLongerThanABlockIsKept) {
  Interner<NameId> names;
  const std::string before = "before", huge(1'000'000, 'x'), after = "after";
  const NameId ids[] = {names.intern(before), names.intern(huge), names.intern(after)};
  EXPECT_EQ(names.view(ids[0]), before);
  EXPECT_EQ(names.view(ids[1]), huge);
  EXPECT_EQ(names.view(ids[2]), after);
}

TEST(Interner, ExpectingTextsAddsNone) {
  std::vector<std::string> texts;
  for (int number = 0; number < 60'000; ++number) texts.push_back("lib" + std::to_string(number) + ".so");
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  Interner<NameId> names;
  names.expect(views);
  EXPECT_EQ(names.size(), 0u);
  const std::span<const std::string_view> known = std::span(views).first(50'000);
  for (const std::string_view text : known) names.intern(text);
  ASSERT_TRUE(names.is_large());  // in a small one nothing is fetched
  names.expect(views);
  EXPECT_EQ(names.size(), known.size());
  EXPECT_FALSE(names.find(texts.back()).valid());
  EXPECT_EQ(names.find(known.back()).value, 49'999u);
}

TEST(Interner, RoomChangesNoId) {
  Interner<NameId> names;
  const NameId first = names.intern("first");
  const std::string_view view = names.view(first);
  names.reserve(10'000);
  EXPECT_EQ(names.size(), 1u);
  EXPECT_EQ(names.find("first"), first);
  EXPECT_EQ(names.view(first).data(), view.data());
  for (int number = 0; number < 10'000; ++number) names.intern("lib" + std::to_string(number) + ".so");
  EXPECT_EQ(names.find("lib9999.so").value, 10'000u);
}

TEST(Ids, NoneIsInvalid) {
  EXPECT_FALSE(ObjectId{}.valid());
  EXPECT_TRUE(ObjectId{0}.valid());
  EXPECT_NE(ObjectId{0}, ObjectId{});
}

}  // namespace
}  // namespace revdep::base
