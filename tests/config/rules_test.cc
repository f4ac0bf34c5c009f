#include "config/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace revdep::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* meant = "; meant is: load EXECUTABLE-GLOB -> LIBRARY-GLOB";

// What is wrong with one line, given as the second of a file.
std::string fault(std::string_view line) {
  Rules rules;
  const auto errors = parse_rules("# rules\n" + std::string(line) + "\nload /after -> /it\n", "/etc/a.conf", rules);
  const std::size_t good = errors.empty() ? 2 : 1;
  EXPECT_EQ(rules.loads.size(), good) << "a bad line is left out and the others count";
  EXPECT_EQ(rules.loads.back(), (Load{"/after", "/it", "/etc/a.conf", 3}));
  if (errors.empty()) return "";
  EXPECT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].action, "use");
  EXPECT_EQ(errors[0].object, "/etc/a.conf:2");
  return errors[0].reason;
}

TEST(Rules, LoadSaysWhichProgramsLoadWhichPlugins) {
  Rules rules;
  EXPECT_THAT(parse_rules("load /usr/bin/gimp* -> /usr/lib*/gimp/*.so\n"
                          "\n"
                          "  # plugins of the game\n"
                          "load \"/opt/My Game/run\" -> \"/opt/My Game/lib[0-9].so\"  # its own",
                          "/etc/a.conf", rules),
              IsEmpty());
  EXPECT_THAT(rules.loads, ElementsAre(Load{"/usr/bin/gimp*", "/usr/lib*/gimp/*.so", "/etc/a.conf", 1},
                                       Load{"/opt/My Game/run", "/opt/My Game/lib[0-9].so", "/etc/a.conf", 4}));
}

TEST(Rules, ALoadWithoutItsArrowSaysWhatWasMeant) {
  EXPECT_EQ(fault("load /usr/bin/x /usr/lib/y.so"), std::string("'->' is missing") + meant);
  EXPECT_EQ(fault("load"), std::string("'->' is missing") + meant);
  EXPECT_EQ(fault("load /usr/bin/x \"->\" /usr/lib/y.so"), std::string("'->' needs blanks around it") + meant);
  EXPECT_EQ(fault("load /usr/bin/x->/usr/lib/y.so"), std::string("'->' needs blanks around it") + meant);
  EXPECT_EQ(fault("load /usr/bin/x -> /a -> /b"), std::string("more than one '->'") + meant);
}

TEST(Rules, ALoadHasOneNameOnEachSideOfItsArrow) {
  EXPECT_EQ(fault("load -> /usr/lib/y.so"), std::string("no executable before '->'") + meant);
  EXPECT_EQ(fault("load /usr/bin/x ->"), std::string("no library after '->'") + meant);
  EXPECT_EQ(fault("load ->"), std::string("no executable before '->'") + meant);
  const std::string more = "more than one name beside '->'; a name with blanks is put in double quotes";
  EXPECT_EQ(fault("load /opt/My Game/run -> /a"), more + meant);
  EXPECT_EQ(fault("load /usr/bin/x -> /a /b"), more + meant);
}

TEST(Rules, AGlobThatFitsNoCanonicalPathIsNamed) {
  EXPECT_EQ(fault("load bin/x -> /a"), "'bin/x' is no absolute path: it must begin with /");
  EXPECT_EQ(fault("load /x -> *.so"), "'*.so' is no absolute path: it must begin with /");
  EXPECT_EQ(fault("load \"\" -> /a"), "'' is no absolute path: it must begin with /");
  for (const std::string path : {"/usr//x", "/usr/./x", "/usr/../x", "/usr/..", "/usr/.", "/usr/", "/"}) {
    EXPECT_EQ(fault("load " + path + " -> /a"),
              '\'' + path + "' fits no file: paths have no //, . or .., and do not end in /");
  }
  EXPECT_EQ(fault(R"(load /usr/x\ -> /a)"), R"('/usr/x\' fits no file: it ends in a lone backslash)");
  EXPECT_EQ(fault(R"(load /usr/x\\ -> /a\*)"), "");
  EXPECT_EQ(fault("load /usr/.x/..y/z... -> /a.so.*"), "");
}

TEST(Rules, AnUnknownStatementNamesTheNearestKnownOne) {
  EXPECT_EQ(fault("laod /x -> /y"), "unknown statement 'laod'; did you mean 'load'?");
  EXPECT_EQ(fault("loads /x -> /y"), "unknown statement 'loads'; did you mean 'load'?");
  EXPECT_EQ(fault("Load /x -> /y"), "unknown statement 'Load'; did you mean 'load'?");
  EXPECT_EQ(fault("marks /x em"), "unknown statement 'marks'; did you mean 'mark'?");
  EXPECT_EQ(fault("requires /x m"), "unknown statement 'requires'; did you mean 'require'?");
}

TEST(Rules, AnUnknownStatementLikeNoKnownOneNamesThemAll) {
  const std::string all = "'; a line begins with one of: mark, require, ignore, load";
  EXPECT_EQ(fault("-> /x"), "unknown statement '->" + all);
  EXPECT_EQ(fault("loadloadload /x -> /y"), "unknown statement 'loadloadload" + all);
  EXPECT_EQ(fault("/usr/bin/x"), "unknown statement '/usr/bin/x" + all);
}

TEST(Rules, ALineOfAnotherDaemonsListIsNamedWithWhatItWouldBeHere) {
  EXPECT_EQ(fault("/usr/bin/x em"), "unknown statement '/usr/bin/x'; did you mean 'mark /usr/bin/x em'?");
  EXPECT_EQ(fault("em /usr/bin/x"), "unknown statement 'em'; did you mean 'mark /usr/bin/x em'?");
  EXPECT_EQ(fault("\"/opt/My Game/x\" m nonroot"),
            "unknown statement '/opt/My Game/x'; did you mean 'mark \"/opt/My Game/x\" m'?");
}

TEST(Rules, WhatIsNoTokenIsNamedWithItsLine) { EXPECT_EQ(fault("load \"/x -> /y"), "the closing quote is missing"); }

TEST(Rules, ARuleThatStandsTwiceIsNamedWithItsFirstPlace) {
  Rules rules;
  EXPECT_THAT(parse_rules("load /x -> /y\n", "a.conf", rules), IsEmpty());
  EXPECT_THAT(parse_rules("load /x -> /z\nload /x -> \"/y\"\nload /x -> /z\nload /y -> /x", "b.conf", rules),
              ElementsAre(base::Error{"use", "b.conf:2", "the same stands at a.conf:1"},
                          base::Error{"use", "b.conf:3", "the same stands at b.conf:1"}));
  EXPECT_THAT(rules.loads,
              ElementsAre(Load{"/x", "/y", "a.conf", 1}, Load{"/x", "/z", "b.conf", 1}, Load{"/y", "/x", "b.conf", 4}));
}

TEST(Rules, EveryBadLineIsNamed) {
  Rules rules;
  const auto errors = parse_rules("a\n\nb\nload /x -> /y\nc", "a.conf", rules);
  ASSERT_EQ(errors.size(), 3U);
  EXPECT_EQ(errors[0].object, "a.conf:1");
  EXPECT_EQ(errors[1].object, "a.conf:3");
  EXPECT_EQ(errors[2].object, "a.conf:5");
  EXPECT_EQ(rules.loads.size(), 1U);
}

}  // namespace
}  // namespace revdep::config
