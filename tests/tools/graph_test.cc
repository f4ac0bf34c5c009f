// --graph: which nodes and edges are in the picture of an executable and of a library. The DOT is parsed as far as it takes.
#include <filesystem>
#include <map>
#include <regex>
#include <sstream>

#include "tools/dlopen_root.h"

namespace revdep::tool {
namespace {

using elf_builder::library;
using elf_builder::program;

struct Picture {
  std::string centre;
  std::set<std::string> nodes;  // "box app" and "ellipse libx.so.1 m", as they are labelled
  std::set<std::string> edges;  // "/usr/bin/app -> /usr/lib64/libx.so.1", "... (dlopen)"
};

// "libx.so.1\n--m--" as "libx.so.1 m".
std::string spell(const std::string& label) {
  const std::size_t end = label.find("\\n");
  if (end == std::string::npos) return label;
  return label.substr(0, end) + ' ' + std::regex_replace(label.substr(end + 2), std::regex("-"), "");
}

Picture parse(const std::string& dot) {
  static const std::regex node(R"re(  (n\d+) \[label="([^"]*)" tooltip="([^"]*)" shape=(\w+)(.*)\])re");
  static const std::regex edge(R"re(  (n\d+) -> (n\d+)(.*))re");
  Picture picture;
  std::map<std::string, std::string> paths;
  std::istringstream lines(dot);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, node)) {
      paths[match[1]] = match[3];
      picture.nodes.insert(match[4].str() + ' ' + spell(match[2]));
      if (match[5].str().find("filled") != std::string::npos) picture.centre = match[3];
    } else if (std::regex_match(line, match, edge)) {
      const bool dashed = match[3].str().find("style=dashed") != std::string::npos;
      picture.edges.insert(paths.at(match[1]) + " -> " + paths.at(match[2]) + (dashed ? " (dlopen)" : ""));
    }
  }
  return picture;
}

using Texts = std::set<std::string>;

// app opens libplug, which needs libbase; linked needs libmid, which needs libplug and libbase.
class GraphCommand : public DlopenTest {
 protected:
  void SetUp() override {
    DlopenTest::SetUp();
    if (IsSkipped()) return;
    add_library("libbase.so.1", {"ld-linux-x86-64.so.2"});
    root_.add(plug, library("libplug.so.1", {"libbase.so.1"}));
    root_.set_flags(plug, "m");
    add_library("libmid.so.1", {"libplug.so.1", "libbase.so.1"});
    root_.add("/usr/bin/linked", program({"libmid.so.1"}));
  }
  Picture picture(const std::string& object) {
    const auto outcome = root_.run({"--graph", object});
    EXPECT_EQ(outcome.err, "");
    EXPECT_EQ(outcome.status, 0);
    dot_ = outcome.out;
    return parse(dot_);
  }

  std::string dot_;
};

TEST_F(GraphCommand, OfAnExecutableIsItsClosureWithPluginsDashed) {
  const Picture app = picture("/usr/bin/app");
  EXPECT_EQ(app.centre, "/usr/bin/app");
  EXPECT_EQ(app.nodes,
            (Texts{"box app", "ellipse libplug.so.1 m", "ellipse libbase.so.1", "ellipse ld-linux-x86-64.so.2"}));
  EXPECT_EQ(app.edges, (Texts{"/usr/bin/app -> /usr/lib64/libplug.so.1 (dlopen)",
                              "/usr/lib64/libplug.so.1 -> /usr/lib64/libbase.so.1",
                              "/usr/lib64/libbase.so.1 -> /lib64/ld-linux-x86-64.so.2"}));
  const Picture linked = picture("/usr/bin/linked");
  EXPECT_EQ(
      linked.edges,
      (Texts{"/usr/bin/linked -> /usr/lib64/libmid.so.1", "/usr/lib64/libmid.so.1 -> /usr/lib64/libplug.so.1",
             "/usr/lib64/libmid.so.1 -> /usr/lib64/libbase.so.1", "/usr/lib64/libplug.so.1 -> /usr/lib64/libbase.so.1",
             "/usr/lib64/libbase.so.1 -> /lib64/ld-linux-x86-64.so.2"}));
}

TEST_F(GraphCommand, OfALibraryIsWhoLoadsItAndWhatItNeeds) {
  const Picture plugin = picture(plug);
  EXPECT_EQ(plugin.centre, plug);
  EXPECT_EQ(plugin.nodes, (Texts{"box app", "ellipse libmid.so.1", "ellipse libplug.so.1 m", "ellipse libbase.so.1"}));
  EXPECT_EQ(plugin.edges, (Texts{"/usr/bin/app -> /usr/lib64/libplug.so.1 (dlopen)",
                                 "/usr/lib64/libmid.so.1 -> /usr/lib64/libplug.so.1",
                                 "/usr/lib64/libplug.so.1 -> /usr/lib64/libbase.so.1"}));
}

TEST_F(GraphCommand, OfALibraryShowsWhatItOpens) {
  add_library("libopener.so.1", {"libbase.so.1"}, {"libplug.so.1"});
  EXPECT_EQ(picture("/usr/lib64/libopener.so.1").edges,
            (Texts{"/usr/lib64/libopener.so.1 -> /usr/lib64/libbase.so.1",
                   "/usr/lib64/libopener.so.1 -> /usr/lib64/libplug.so.1 (dlopen)"}));
}

// Neither the loader nor the search of a set-id program takes it.
TEST_F(GraphCommand, OfASetIdProgramHasNoPluginsFromWhereItStands) {
  root_.add("/usr/bin/plugins/libaside.so.1", library("libaside.so.1"));
  elf_builder::Object object = opening(program({"libbase.so.1"}), {"libaside.so.1"});
  object.runpath = "$ORIGIN/plugins";
  root_.add("/usr/bin/set-id", object);
  std::filesystem::permissions(root_.file("/usr/bin/set-id"), std::filesystem::perms(04755));
  EXPECT_EQ(picture("/usr/bin/set-id").edges, (Texts{"/usr/bin/set-id -> /usr/lib64/libbase.so.1",
                                                     "/usr/lib64/libbase.so.1 -> /lib64/ld-linux-x86-64.so.2"}));
}

TEST_F(GraphCommand, IsDrawnByGraphviz) {
  if (!support::have_program("dot")) GTEST_SKIP() << "graphviz is not installed";
  for (const char* const object : {"/usr/bin/app", plug}) {
    picture(object);
    root_.write("/tmp/graph.dot", dot_);
    const auto drawn = support::run({"dot", "-Tsvg", root_.file("/tmp/graph.dot")});
    EXPECT_EQ(drawn.status, 0) << drawn.err;
    EXPECT_EQ(drawn.err, "");
    EXPECT_NE(drawn.out.find(">libplug.so.1</text>"), std::string::npos);
  }
}

TEST_F(GraphCommand, AnUnknownObjectIsNoPicture) {
  const auto outcome = root_.run({"--graph", "/usr/bin/nothing"});
  EXPECT_EQ(outcome.out, "");
  EXPECT_TRUE(outcome.err.starts_with("revdep-pax: cannot find /usr/bin/nothing: ")) << outcome.err;
  EXPECT_EQ(outcome.status, 2);
}

}  // namespace
}  // namespace revdep::tool
