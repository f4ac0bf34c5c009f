// The expected texts are written by hand after the shape that the original's users know.
#include <gtest/gtest.h>

#include "report/capture.h"
#include "report/json_blocks.h"
#include "report/text_blocks.h"

namespace revdep::report {
namespace {

const Object program("/usr/bin/x", "x", "X86_64", letters("e"));
const Object library("/usr/lib64/libz.so.1.2.13", "libz.so.1", "X86_64", letters("em"));
const Object unmarked("/usr/lib64/lib\xff.so", "lib\xff.so", "X86_64", std::nullopt);

Block forward() {
  return {&program,
          {},
          {},
          {{&library, "libz.so.1", Relation::differs, {}},
           {&unmarked, "lib\xff.so", Relation::mismatch, {}},
           {nullptr, "libgone.so.3", Relation::same, "/usr/lib64/libz.so.1.2.13"}}};
}

Block reverse() { return {&library, {}, {}, {{&program, {}, Relation::mismatch, {}}}}; }

Block missing() { return {nullptr, "libgone.so.3", "X86_64", {{&library, {}, Relation::same, {}}}}; }

TEST(TextBlocks, ForwardIsAnObjectAndItsLibraries) {
  Capture capture;
  TextBlocks(capture.output(), Direction::forward, Colors::no).write(forward());
  EXPECT_EQ(capture.text(),
            "/usr/bin/x :X86_64 ( -e--- )\n"
            "\tlibz.so.1\t/usr/lib64/libz.so.1.2.13 ( -em-- )\n"
            "\tlib\xff.so\t/usr/lib64/lib\xff.so ( **** )\n"
            "\tlibgone.so.3\tnot found\n"
            "\n");
}

TEST(TextBlocks, ReverseIsALibraryAndItsConsumers) {
  Capture capture;
  TextBlocks(capture.output(), Direction::reverse, Colors::no).write(reverse());
  EXPECT_EQ(capture.text(),
            "libz.so.1\t/usr/lib64/libz.so.1.2.13 :X86_64 ( -em-- )\n"
            "\t/usr/bin/x ( -e--- )\n"
            "\n");
}

TEST(TextBlocks, ALibraryThatNobodyProvidesHasTheObjectsThatWantIt) {
  Capture capture;
  TextBlocks(capture.output(), Direction::reverse, Colors::no).write(missing());
  EXPECT_EQ(capture.text(),
            "libgone.so.3\tnot found :X86_64\n"
            "\t/usr/lib64/libz.so.1.2.13 ( -em-- )\n"
            "\n");
}

TEST(TextBlocks, ColorsTitlesMismatchesAndDifferences) {
  Capture capture;
  TextBlocks(capture.output(), Direction::forward, Colors::yes).write(forward());
  EXPECT_EQ(capture.text(),
            "\x1b[1m/usr/bin/x :X86_64 ( -e--- )\x1b[0m\n"
            "\tlibz.so.1\t\x1b[33m/usr/lib64/libz.so.1.2.13 ( -em-- )\x1b[0m\n"
            "\tlib\xff.so\t\x1b[31m/usr/lib64/lib\xff.so ( **** )\x1b[0m\n"
            "\tlibgone.so.3\t\x1b[31mnot found\x1b[0m\n"
            "\n");
}

TEST(TextBlocks, NamesCannotForgeLines) {
  const Object evil("/x\n\t/usr/bin/su ( -em-- )", "a\tb", "X86_64", std::nullopt);
  Capture capture;
  TextBlocks(capture.output(), Direction::reverse, Colors::no).write({&evil, {}, {}, {}});
  EXPECT_EQ(capture.text(), "a\\x09b\t/x\\x0a\\x09/usr/bin/su ( -em-- ) :X86_64 ( **** )\n\n");
}

TEST(JsonBlocks, Forward) {
  Capture capture;
  JsonBlocks writer(capture.output(), Direction::forward);
  writer.write(forward());
  writer.finish();
  EXPECT_EQ(
      capture.text(),
      R"({"schema":1,"kind":"forward","objects":[)"
      "\n"
      R"({"path":"/usr/bin/x","abi":"X86_64","marking":"-e---","libraries":[)"
      R"({"soname":"libz.so.1","path":"/usr/lib64/libz.so.1.2.13","marking":"-em--","differs":true,"mismatch":false},)"
      R"({"soname":"lib\\xff.so","soname_bytes":"bGli/y5zbw==",)"
      R"("path":"/usr/lib64/lib\\xff.so","path_bytes":"L3Vzci9saWI2NC9saWL/LnNv",)"
      R"("marking":null,"differs":true,"mismatch":true}],)"
      R"("unresolved":[{"soname":"libgone.so.3","requester":"/usr/lib64/libz.so.1.2.13"}]})"
      "\n]}\n");
}

TEST(JsonBlocks, Reverse) {
  Capture capture;
  JsonBlocks writer(capture.output(), Direction::reverse);
  writer.write(reverse());
  writer.write(missing());
  writer.finish();
  EXPECT_EQ(capture.text(),
            R"({"schema":1,"kind":"reverse","libraries":[)"
            "\n"
            R"({"soname":"libz.so.1","path":"/usr/lib64/libz.so.1.2.13","abi":"X86_64","marking":"-em--","consumers":[)"
            R"({"path":"/usr/bin/x","marking":"-e---","differs":true,"mismatch":true}]},)"
            "\n"
            R"({"soname":"libgone.so.3","path":null,"abi":"X86_64","marking":null,"consumers":[)"
            R"({"path":"/usr/lib64/libz.so.1.2.13","marking":"-em--","differs":false,"mismatch":false}]})"
            "\n]}\n");
}

TEST(JsonBlocks, AnEmptyReportIsADocumentToo) {
  Capture capture;
  JsonBlocks(capture.output(), Direction::forward).finish();
  EXPECT_EQ(capture.text(), "{\"schema\":1,\"kind\":\"forward\",\"objects\":[\n]}\n");
}

}  // namespace
}  // namespace revdep::report
