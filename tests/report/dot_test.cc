#include "report/dot.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <string_view>

#include "report/capture.h"
#include "support/command.h"
#include "support/temp_dir.h"

namespace revdep::report {
namespace {

std::string written(const Neighbourhood& neighbourhood) {
  Capture capture;
  write_neighbourhood_dot(capture.output(), neighbourhood);
  return capture.text();
}

Neighbourhood example() {
  return {"/usr/lib64/libjit.so.1",
          {{"/usr/bin/player", "player", "-em--", true},
           {"/usr/lib64/libjit.so.1", "libjit.so.1", "--m--", false},
           {"/usr/lib64/libc.so.6", "libc.so.6", "", false},
           {"/usr/bin/edit", "edit", "", true}},
          {{"/usr/bin/player", "/usr/lib64/libjit.so.1", false},
           {"/usr/lib64/libjit.so.1", "/usr/lib64/libc.so.6", false},
           {"/usr/bin/edit", "/usr/lib64/libjit.so.1", true}}};
}

TEST(NeighbourhoodDot, DrawsExecutablesAsBoxesLibrariesAsEllipsesAndDlopenDashed) {
  EXPECT_EQ(written(example()),
            "digraph neighbourhood {\n"
            "  graph [rankdir=LR nodesep=0.15 ranksep=1.2]\n"
            "  node [fontname=\"Helvetica\" fontsize=11 height=0.3 margin=\"0.1,0.04\"]\n"
            "  edge [fontname=\"Helvetica\" fontsize=9 color=\"#606060\" arrowsize=0.6]\n"
            "  n0 [label=\"edit\" tooltip=\"/usr/bin/edit\" shape=box]\n"
            "  n1 [label=\"player\\n-em--\" tooltip=\"/usr/bin/player\" shape=box]\n"
            "  n2 [label=\"libc.so.6\" tooltip=\"/usr/lib64/libc.so.6\" shape=ellipse]\n"
            "  n3 [label=\"libjit.so.1\\n--m--\" tooltip=\"/usr/lib64/libjit.so.1\" shape=ellipse"
            " style=\"filled,bold\" fillcolor=\"#ffe9a8\" fontname=\"Helvetica-Bold\"]\n"
            "  n0 -> n3 [style=dashed label=\"dlopen\"]\n"
            "  n1 -> n3\n"
            "  n3 -> n2\n"
            "}\n");
}

TEST(NeighbourhoodDot, IsTheSameForTheSameValuesInAnyOrder) {
  Neighbourhood other = example();
  std::swap(other.nodes[0], other.nodes[3]);
  std::swap(other.nodes[1], other.nodes[2]);
  std::swap(other.edges[0], other.edges[2]);
  other.nodes.push_back(other.nodes[0]);
  other.edges.push_back(other.edges[1]);
  EXPECT_EQ(written(other), written(example()));
}

TEST(NeighbourhoodDot, AnEdgeOrACentreThatIsNoNodeIsABrokenInvariant) {
  Neighbourhood wrong = example();
  wrong.edges.push_back({"/usr/bin/edit", "/usr/bin/nothing", false});
  EXPECT_THROW(written(wrong), std::out_of_range);
  wrong = example();
  wrong.centre = "/usr/bin/nothing";
  EXPECT_THROW(written(wrong), std::out_of_range);
}

TEST(QuoteDot, LeavesNothingForGraphvizToInterpret) {
  EXPECT_EQ(quote_dot("libc.so.6"), R"("libc.so.6")");
  EXPECT_EQ(quote_dot("a\"];b"), R"("a\"];b")");
  EXPECT_EQ(quote_dot("a\\"), R"("a\\x5c")");
  EXPECT_EQ(quote_dot("\\N\n"), R"("\\x5cN\\x0a")");
  EXPECT_EQ(quote_dot("a&lt;b<c>"), R"("a&amp;lt;b<c>")");
  EXPECT_EQ(quote_dot("caf\xc3\xa9"), "\"caf\xc3\xa9\"");
  EXPECT_EQ(quote_dot("a\xff"), R"("a\\xff")");
}

// What graphviz makes of it.
class Rendered : public testing::Test {
 protected:
  void SetUp() override {
    if (!support::have_program("dot")) GTEST_SKIP() << "graphviz is not installed";
  }

  [[nodiscard]] std::string svg(const Neighbourhood& neighbourhood) const {
    support::write_file(directory_ / "it.dot", written(neighbourhood));
    const support::Outcome outcome = support::run({"dot", "-Tsvg", (directory_ / "it.dot").string()});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.err.find("rror"), std::string::npos) << outcome.err;
    return outcome.out;
  }

  support::TempDir directory_;
};

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string_view::npos; at += part.size()) ++found;
  return found;
}

TEST_F(Rendered, HasEveryNodeAndEdge) {
  const std::string picture = svg(example());
  EXPECT_EQ(count(picture, "class=\"node\""), 4U);
  EXPECT_EQ(count(picture, "class=\"edge\""), 3U);
  EXPECT_EQ(count(picture, "<ellipse"), 2U);
  EXPECT_EQ(count(picture, "stroke-dasharray"), 1U);
  EXPECT_EQ(count(picture, ">libjit.so.1</text>"), 1U);
  EXPECT_EQ(count(picture, ">&#45;&#45;m&#45;&#45;</text>"), 1U);
}

TEST_F(Rendered, ShowsHostileNamesAsTheyAre) {
  const std::string names[] = {"a\\", "b\"];n0->n1;\"", R"(c\N\G\l)", "d&lt;", "e\nf", "<g>", "h\xff", "i\x01"};
  Neighbourhood hostile{names[0], {}, {}};
  for (const std::string& name : names) {
    hostile.nodes.push_back({name, name, name, false});
    hostile.edges.push_back({names[0], name, true});
  }
  const std::string picture = svg(hostile);
  EXPECT_EQ(count(picture, "class=\"node\""), 8U);
  EXPECT_EQ(count(picture, "class=\"edge\""), 8U);
  for (const char* const shown : {">a\\x5c<", ">b&quot;];n0&#45;&gt;n1;&quot;<", R"(>c\x5cN\x5cG\x5cl<)", ">d&amp;lt;<",
                                  ">e\\x0af<", ">&lt;g&gt;<", ">h\\xff<", ">i\\x01<"}) {
    EXPECT_EQ(count(picture, shown), 2U) << shown << " as label and marking, in\n" << picture;
  }
}

}  // namespace
}  // namespace revdep::report
