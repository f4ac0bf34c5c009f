#include "graph/reach_by_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/grouped.h"

namespace revdep::graph_test {
namespace {

using base::NameId;
using base::ObjectId;
using graph::Graph;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class ReachByName : public testing::Test {
 protected:
  void put(std::string_view path, std::string_view soname, const std::vector<std::string_view>& needed) {
    graph::Object object;
    if (!soname.empty()) object.image.soname = graph_.names().intern(soname);
    for (const std::string_view name : needed) object.image.needed.push_back(graph_.names().intern(name));
    graph_.put(path, std::move(object));
  }
  std::vector<std::string_view> reach(std::string_view name) {
    std::vector<std::string_view> paths;
    for (const ObjectId id : graph::reach_by_name(graph_, graph_.names().intern(name)))
      paths.push_back(graph_.path(id));
    return paths;
  }
  Graph graph_;
};

TEST_F(ReachByName, GoesThroughSonamesAsFarAsTheyLead) {
  put("/bin/app", "", {"libc.so", "libpng.so"});
  put("/bin/other", "", {"libc.so"});
  put("/lib/libpng.so.1", "libpng.so", {"libz.so", "libc.so"});
  put("/lib/libpng.so.2", "libpng.so", {"libc.so"});
  put("/lib/libz.so.1", "libz.so", {"libc.so"});
  put("/lib/plugin", "", {"libz.so"});
  EXPECT_THAT(reach("libz.so"), UnorderedElementsAre("/bin/app", "/lib/libpng.so.1", "/lib/plugin"));
}

TEST_F(ReachByName, HasEachOnceInACycle) {
  put("/lib/liba", "liba", {"libb", "libb"});
  put("/lib/libb", "libb", {"libc"});
  put("/lib/libc", "libc", {"liba"});
  EXPECT_THAT(reach("libb"), UnorderedElementsAre("/lib/liba", "/lib/libb", "/lib/libc"));
}

TEST_F(ReachByName, KnowsNothingOfWhatNobodyNeedsOrIsGone) {
  put("/lib/liba", "liba", {"libb"});
  EXPECT_THAT(reach("liba"), IsEmpty());
  EXPECT_THAT(reach("libnew"), IsEmpty());
  graph_.remove(graph_.find("/lib/liba"));
  EXPECT_THAT(reach("libb"), IsEmpty());
}

TEST(Grouped, KeepsTheOrderOfEachGroup) {
  const std::vector<std::pair<std::size_t, std::uint32_t>> pairs = {{2, 7}, {0, 5}, {2, 3}, {2, 7}, {3, 1}};
  const graph::Grouped grouped = graph::group(4, [&](const auto& use) {
    for (const auto& [key, member] : pairs) use(key, ObjectId{member});
  });
  EXPECT_THAT(grouped.of(0), ElementsAre(ObjectId{5}));
  EXPECT_THAT(grouped.of(1), IsEmpty());
  EXPECT_THAT(grouped.of(2), ElementsAre(ObjectId{7}, ObjectId{3}, ObjectId{7}));
  EXPECT_THAT(grouped.of(3), ElementsAre(ObjectId{1}));
}

}  // namespace
}  // namespace revdep::graph_test
