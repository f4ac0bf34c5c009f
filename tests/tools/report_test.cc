// revdep-pax as a program, reports only. Every expected text is written by hand from what the small root holds.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tools/small_root.h"

namespace revdep::tool {
namespace {

using elf_builder::library;
using elf_builder::program;
using nlohmann::json;

// x needs liba, which needs libb; y needs libb only. liba asks for "m".
class Report : public testing::Test {
 protected:
  void SetUp() override {
    if (!root_.has_xattrs()) GTEST_SKIP() << "no user xattrs where the tests run";
    root_.add("/usr/bin/x", program({"liba.so.1"}));
    root_.add("/opt/y", program({"libb.so.2"}), "app/two-2");
    root_.add("/usr/lib64/liba.so.1.0", library("liba.so.1", {"libb.so.2"}), "lib/a-1");
    std::filesystem::create_symlink("liba.so.1.0", root_.file("/usr/lib64/liba.so.1"));
    root_.add("/usr/lib64/libb.so.2", library("libb.so.2"), "lib/b-2");
    root_.set_flags("/usr/lib64/liba.so.1.0", "m");
  }

  SmallRoot root_;
};

TEST_F(Report, ForwardVerboseIsEveryObjectWithItsClosureInLoaderOrder) {
  const auto outcome = root_.run({"-f", "-v"});
  EXPECT_EQ(outcome.out, tabs("/lib64/ld-linux-x86-64.so.2 :X86_64 ( **** )\n\n"
                              "/opt/y :X86_64 ( **** )\n"
                              "|libb.so.2|/usr/lib64/libb.so.2 ( **** )\n"
                              "|ld-linux-x86-64.so.2|/lib64/ld-linux-x86-64.so.2 ( **** )\n\n"
                              "/usr/bin/x :X86_64 ( **** )\n"
                              "|liba.so.1|/usr/lib64/liba.so.1.0 ( --m-- )\n"
                              "|libb.so.2|/usr/lib64/libb.so.2 ( **** )\n"
                              "|ld-linux-x86-64.so.2|/lib64/ld-linux-x86-64.so.2 ( **** )\n\n"
                              "/usr/lib64/liba.so.1.0 :X86_64 ( --m-- )\n"
                              "|libb.so.2|/usr/lib64/libb.so.2 ( **** )\n\n"
                              "/usr/lib64/libb.so.2 :X86_64 ( **** )\n\n"));
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.status, 1);  // liba's m is not on libb
}

TEST_F(Report, ForwardPrintsOnlyWhatDiffers) {
  EXPECT_EQ(root_.run({"-f"}).out, tabs("/usr/bin/x :X86_64 ( **** )\n"
                                        "|liba.so.1|/usr/lib64/liba.so.1.0 ( --m-- )\n\n"
                                        "/usr/lib64/liba.so.1.0 :X86_64 ( --m-- )\n"
                                        "|libb.so.2|/usr/lib64/libb.so.2 ( **** )\n\n"));
}

TEST_F(Report, ReverseIsEveryLibraryThatSomeoneLoadsBySonameThenPath) {
  const auto outcome = root_.run({"-rv"});
  EXPECT_EQ(outcome.out, tabs("ld-linux-x86-64.so.2|/lib64/ld-linux-x86-64.so.2 :X86_64 ( **** )\n"
                              "|/opt/y ( **** )\n"
                              "|/usr/bin/x ( **** )\n\n"
                              "liba.so.1|/usr/lib64/liba.so.1.0 :X86_64 ( --m-- )\n"
                              "|/usr/bin/x ( **** )\n\n"
                              "libb.so.2|/usr/lib64/libb.so.2 :X86_64 ( **** )\n"
                              "|/opt/y ( **** )\n"
                              "|/usr/bin/x ( **** )\n"
                              "|/usr/lib64/liba.so.1.0 ( --m-- )\n\n"));
  EXPECT_EQ(outcome.status, 1);
}

TEST_F(Report, ExecutablesAreThoseInPath) {
  EXPECT_EQ(root_.run({"-rve"}).out, tabs("ld-linux-x86-64.so.2|/lib64/ld-linux-x86-64.so.2 :X86_64 ( **** )\n"
                                          "|/usr/bin/x ( **** )\n\n"
                                          "liba.so.1|/usr/lib64/liba.so.1.0 :X86_64 ( --m-- )\n"
                                          "|/usr/bin/x ( **** )\n\n"
                                          "libb.so.2|/usr/lib64/libb.so.2 :X86_64 ( **** )\n"
                                          "|/usr/bin/x ( **** )\n\n"));
  EXPECT_EQ(root_.run({"-fe"}).out, tabs("/usr/bin/x :X86_64 ( **** )\n"
                                         "|liba.so.1|/usr/lib64/liba.so.1.0 ( --m-- )\n\n"));
}

TEST_F(Report, SonameAndLibraryAreTheSameBlock) {
  const std::string block = tabs("liba.so.1|/usr/lib64/liba.so.1.0 :X86_64 ( --m-- )\n|/usr/bin/x ( **** )\n\n");
  EXPECT_EQ(root_.run({"-s", "liba.so.1"}).out, block);
  EXPECT_EQ(root_.run({"-l", "/usr/lib64/liba.so.1.0"}).out, block);
  EXPECT_EQ(root_.run({"-l", "/usr/lib64/liba.so.1"}).out, block);  // the symlink
  EXPECT_EQ(root_.run({"-l", "usr/lib64/liba.so.1"}).out, block);   // from the root
  EXPECT_EQ(root_.run({"-s", "liba.so.1"}).status, 1);
}

TEST_F(Report, WithoutAMismatchTheExitCodeIsZero) {
  root_.set_flags("/usr/bin/x", "em");  // differs from m, but has all that liba asks for
  const auto outcome = root_.run({"-s", "liba.so.1"});
  EXPECT_EQ(outcome.out, tabs("liba.so.1|/usr/lib64/liba.so.1.0 :X86_64 ( --m-- )\n|/usr/bin/x ( -em-- )\n\n"));
  EXPECT_EQ(outcome.status, 0);
}

TEST_F(Report, AContradictionIsAMismatch) {
  root_.set_flags("/usr/bin/x", "eM");
  EXPECT_EQ(root_.run({"-s", "liba.so.1"}).status, 1);
}

TEST_F(Report, TheInterpreterIsNeverAMismatchOfItsProgram) {
  root_.set_flags("/opt/y", "em");
  root_.set_flags("/usr/lib64/libb.so.2", "em");
  const auto outcome = root_.run({"-b", "/opt/y"});
  EXPECT_EQ(outcome.out, tabs("/opt/y :X86_64 ( -em-- )\n"
                              "|ld-linux-x86-64.so.2|/lib64/ld-linux-x86-64.so.2 ( **** )\n\n"));
  EXPECT_EQ(outcome.status, 0);
}

TEST_F(Report, AnObjectThatTheDatabaseDoesNotKnowIsRead) {
  elf_builder::write_object(root_.file("/usr/local/bin/z"), program({"liba.so.1"}));
  EXPECT_EQ(root_.run({"-b", "/usr/local/bin/z"}).out, tabs("/usr/local/bin/z :X86_64 ( **** )\n"
                                                            "|liba.so.1|/usr/lib64/liba.so.1.0 ( --m-- )\n\n"));
}

TEST_F(Report, AVoidMarkingIsNone) {
  root_.set_flags("/usr/lib64/liba.so.1.0", "-m---");
  const auto outcome = root_.run({"-vs", "liba.so.1"});
  EXPECT_EQ(outcome.out, tabs("liba.so.1|/usr/lib64/liba.so.1.0 :X86_64 ( **** )\n|/usr/bin/x ( **** )\n\n"));
  EXPECT_EQ(outcome.status, 0);
}

TEST_F(Report, UnresolvedSonamesAreShownWithVerboseOnly) {
  root_.add("/usr/bin/broken", program({"libgone.so.7"}));
  EXPECT_EQ(root_.run({"-b", "/usr/bin/broken"}).out, "");
  EXPECT_EQ(root_.run({"-b", "/usr/bin/broken", "-v"}).out,
            tabs("/usr/bin/broken :X86_64 ( **** )\n"
                 "|ld-linux-x86-64.so.2|/lib64/ld-linux-x86-64.so.2 ( **** )\n"
                 "|libgone.so.7|not found\n\n"));
}

TEST_F(Report, ASonameThatNobodyProvidesShowsWhoWantsIt) {
  root_.add("/usr/bin/broken", program({"libgone.so.7"}));
  const auto outcome = root_.run({"-s", "libgone.so.7"});
  EXPECT_EQ(outcome.out, tabs("libgone.so.7|not found :X86_64\n|/usr/bin/broken ( **** )\n\n"));
  EXPECT_EQ(outcome.status, 1);
}

TEST_F(Report, WhatALibraryGetsFromItsProgramsSearchPathIsNotMissing) {
  elf_builder::Object p = program({"libq.so"});
  p.rpath = "/opt/p";
  root_.add("/usr/bin/p", p);
  root_.add("/opt/p/libq.so", library("libq.so", {"libr.so"}));
  root_.add("/opt/p/libr.so", library("libr.so"));
  const auto outcome = root_.run({"-vs", "libr.so"});
  EXPECT_EQ(outcome.out, tabs("libr.so|/opt/p/libr.so :X86_64 ( **** )\n|/usr/bin/p ( **** )\n\n"));
  EXPECT_EQ(outcome.status, 0);
}

TEST_F(Report, ALibraryWithoutSonameIsFoundByItsFileName) {
  elf_builder::Object plain = library("");
  plain.soname.reset();
  root_.add("/usr/lib64/plain.so", plain);
  root_.add("/usr/bin/z", program({"plain.so"}));
  EXPECT_EQ(root_.run({"-vs", "plain.so"}).out,
            tabs("plain.so|/usr/lib64/plain.so :X86_64 ( **** )\n|/usr/bin/z ( **** )\n\n"));
}

TEST_F(Report, UnknownNamesAreASentenceWithNearOnes) {
  const auto soname = root_.run({"-s", "liba.so.2"});
  EXPECT_EQ(soname.status, 2);
  EXPECT_EQ(soname.out, "");
  EXPECT_EQ(soname.err,
            "revdep-pax: cannot find the soname liba.so.2: no object has or needs it; did you mean liba.so.1?\n");
  const auto object = root_.run({"-b", "/bin/x"});
  EXPECT_EQ(object.status, 2);
  EXPECT_EQ(object.err, "revdep-pax: cannot find /bin/x: No such file or directory; did you mean /usr/bin/x?\n");
  root_.write("/usr/bin/script", "#!/bin/sh\n");
  const auto script = root_.run({"-l", "/usr/bin/script"});
  EXPECT_EQ(script.status, 2);
  EXPECT_EQ(script.err, "revdep-pax: cannot use /usr/bin/script: it is no ELF program or library\n");
  const auto directory = root_.run({"-b", "/usr/bin"});
  EXPECT_EQ(directory.status, 2);
  EXPECT_EQ(directory.err, "revdep-pax: cannot use /usr/bin: it is no regular file\n");
}

TEST_F(Report, ControlBytesInNamesAreShownAsHex) {
  root_.add("/usr/bin/a\tb", program({"liba.so.1"}));
  EXPECT_EQ(root_.run({"-b", "/usr/bin/a\tb"}).out, tabs("/usr/bin/a\\x09b :X86_64 ( **** )\n"
                                                         "|liba.so.1|/usr/lib64/liba.so.1.0 ( --m-- )\n\n"));
}

TEST_F(Report, QuietPrintsNothing) {
  const auto outcome = root_.run({"-fvq"});
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.status, 1);
}

TEST_F(Report, ObjectsThatAreGoneAreLeftOut) {
  std::filesystem::remove(root_.file("/opt/y"));
  EXPECT_EQ(root_.run({"-f"}).out.find("/opt/y"), std::string::npos);
  EXPECT_EQ(root_.run({"-rv"}).out.find("/opt/y"), std::string::npos);
}

TEST_F(Report, OneArchWithSeveralCategoriesIsLabelledByCategory) {
  root_.add("/usr/libx32/libx.so", library("libx.so", {}, elf_builder::x32));
  EXPECT_EQ(root_.run({"-b", "/usr/bin/x"}).out.substr(0, 20), "/usr/bin/x :x86_64 (");
}

TEST_F(Report, TreeShowsWhereEachSonameLedAndWhy) {
  elf_builder::Object z = program({"libp.so", "liba.so.1"});
  z.runpath = "/opt/lib";
  root_.add("/usr/bin/z", z);
  root_.add("/opt/lib/libp.so", library("libp.so", {"libb.so.2", "libgone.so"}));
  EXPECT_EQ(root_.run({"--tree", "/usr/bin/z"}).out,
            "/usr/bin/z :X86_64\n"
            "  libp.so => /opt/lib/libp.so (runpath of /usr/bin/z)\n"
            "    libb.so.2 => /usr/lib64/libb.so.2 (default directory)\n"
            "    libgone.so => not found\n"
            "  liba.so.1 => /usr/lib64/liba.so.1.0 (default directory)\n"
            "    libb.so.2 => /usr/lib64/libb.so.2 (already loaded)\n"
            "  /lib64/ld-linux-x86-64.so.2 => /lib64/ld-linux-x86-64.so.2 (interpreter)\n");
  const json tree = json::parse(root_.run({"--tree", "/usr/bin/z", "--format=json"}).out);
  EXPECT_EQ(tree["kind"], "tree");
  EXPECT_EQ(tree["libraries"][0]["how"], "runpath");
  EXPECT_EQ(tree["libraries"][0]["libraries"][1]["how"], "not_found");
}

TEST_F(Report, TreeShowsALibrarysOwnNeedsWhereItWasLoaded) {
  root_.add("/usr/lib64/libp.so", library("libp.so", {"libk.so"}));
  root_.add("/usr/lib64/libk.so", library("libk.so", {"libb.so.2"}));
  root_.add("/usr/lib64/root.so", library("root.so", {"libp.so", "libk.so"}));
  EXPECT_EQ(root_.run({"--tree", "/usr/lib64/root.so"}).out,
            "/usr/lib64/root.so :X86_64\n"
            "  libp.so => /usr/lib64/libp.so (default directory)\n"
            "    libk.so => /usr/lib64/libk.so (already loaded)\n"
            "  libk.so => /usr/lib64/libk.so (default directory)\n"
            "    libb.so.2 => /usr/lib64/libb.so.2 (default directory)\n");
}

TEST_F(Report, ChainIsTheShortestWay) {
  EXPECT_EQ(root_.run({"--chain", "/usr/bin/x", "/usr/lib64/libb.so.2"}).out,
            tabs("/usr/bin/x\nliba.so.1|/usr/lib64/liba.so.1.0\nlibb.so.2|/usr/lib64/libb.so.2\n"));
  root_.add("/usr/bin/direct", program({"liba.so.1", "libb.so.2"}));
  EXPECT_EQ(root_.run({"--chain", "/usr/bin/direct", "/usr/lib64/libb.so.2"}).out,
            tabs("/usr/bin/direct\nlibb.so.2|/usr/lib64/libb.so.2\n"));
  const auto none = root_.run({"--chain", "/opt/y", "/usr/lib64/liba.so.1"});
  EXPECT_EQ(none.status, 1);
  EXPECT_EQ(none.out, "");
  EXPECT_EQ(none.err, "revdep-pax: /opt/y does not load /usr/lib64/liba.so.1.0\n");
}

TEST_F(Report, JsonSaysTheSameAsTheText) {
  const auto outcome = root_.run({"-b", "/usr/bin/x", "--format", "json"});
  EXPECT_EQ(json::parse(outcome.out), json::parse(R"({"schema": 1, "kind": "forward", "objects": [
    {"path": "/usr/bin/x", "abi": "X86_64", "marking": null, "unresolved": [], "libraries": [
      {"soname": "liba.so.1", "path": "/usr/lib64/liba.so.1.0", "marking": "--m--", "differs": true,
       "mismatch": false}]}]})"));
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(json::parse(root_.run({"-r", "--format", "json"}).out)["libraries"].size(), 2U);
}

TEST_F(Report, ExportedPackagesCanBeAskedByJq) {
  if (!support::have_program("jq")) GTEST_SKIP() << "no jq";
  root_.write("/var/db/pkg/lib/a-1/KEYWORDS", "amd64 ~arm64\n");
  root_.write("/var/db/pkg/lib/b-2/KEYWORDS", "amd64 arm64\n");
  root_.write("/var/db/pkg/app/one-1/KEYWORDS", "~amd64 ~arm64\n");
  const auto outcome = root_.run({"--export"});
  EXPECT_EQ(outcome.status, 0);
  root_.write("/export.json", outcome.out);
  const auto asked = support::run(
      {"jq", "-r",
       R"jq(.packages[] | select((.keywords | index("amd64")) and (.keywords | index("~arm64"))) | "\(.category)/\(.pf)")jq",
       root_.file("/export.json")});
  EXPECT_EQ(asked.out, "lib/a-1\n");
  const json document = json::parse(outcome.out);
  EXPECT_EQ(document["direct"]["X86_64"]["/usr/bin/x"], json::array({"liba.so.1"}));
  EXPECT_EQ(document["inverse"]["X86_64"]["libb.so.2"], json::array({"/opt/y", "/usr/lib64/liba.so.1.0"}));
}

TEST_F(Report, ColorIsForTerminalsUnlessAskedFor) {
  EXPECT_EQ(root_.run({"-f"}).out.find('\x1b'), std::string::npos);
  EXPECT_NE(root_.run({"-f", "--color=always"}).out.find("\x1b[1m/usr/bin/x"), std::string::npos);
  EXPECT_EQ(root_.run_on_terminal({"-f"}, "").out.find('\x1b'), std::string::npos);  // NO_COLOR is set
}

TEST_F(Report, WhatCannotBeReadIsNamedOnceAtTheEnd) {
  if (::geteuid() == 0) {
    // Root reads everything: a truncated object it is.
    std::filesystem::resize_file(root_.file("/usr/lib64/libb.so.2"), 20);
  } else {
    ::chmod(root_.file("/usr/lib64/libb.so.2").c_str(), 0);
  }
  const auto outcome = root_.run({"-vs", "liba.so.1"});
  EXPECT_EQ(root_.run({"-rv"}).status, 1);
  const std::string errors = root_.run({"-rv"}).err;
  const std::string name = root_.file("/usr/lib64/libb.so.2");
  EXPECT_NE(errors.find(name), std::string::npos);
  EXPECT_EQ(errors.find(name), errors.rfind(name)) << errors;
  EXPECT_NE(outcome.out.find("/usr/bin/x"), std::string::npos);
}

TEST(Environment, ProblemsAreOneSentenceAndExitTwo) {
  const auto run = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), REVDEP_PAX);
    return support::run(arguments);
  };
  const auto root = run({"-f", "--root", "/nonexistent"});
  EXPECT_EQ(root.status, 2);
  EXPECT_EQ(root.err, "revdep-pax: cannot open root /nonexistent: No such file or directory\n");
  EXPECT_EQ(run({"-f", "--root", "/", "--vdb", "/nonexistent"}).status, 2);
  const auto usage = run({"-f", "-r"});
  EXPECT_EQ(usage.status, 2);
  EXPECT_EQ(usage.out, "");
  EXPECT_EQ(usage.err.substr(0, 76), "revdep-pax: only one of --forward, --reverse can be given\nUsage: revdep-pax ");
  EXPECT_EQ(run({}).status, 2);
  const auto help = run({"-h"});
  EXPECT_EQ(help.status, 0);
  EXPECT_EQ(help.err, "");
  EXPECT_EQ(help.out.substr(0, 18), "Usage: revdep-pax ");
  EXPECT_EQ(run({"--version"}).out.substr(0, 11), "revdep-pax ");
}

TEST_F(Report, AFullDeviceIsExitTwo) {
  const auto outcome =
      support::run({"sh", "-c", "exec \"$0\" --root \"$1\" --help >/dev/full", REVDEP_PAX, root_.file("/")});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.err, "revdep-pax: cannot write the report: No space left on device\n");
}

}  // namespace
}  // namespace revdep::tool
