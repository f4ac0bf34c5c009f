// What objects say in .note.dlopen that they open at run time: part of the closure, and not of the link closure. Every
// expectation is written by hand from what the small root holds; what set-id programs open is what glibc 2.36 was seen to do.
#include <sys/stat.h>
#include <unistd.h>

#include "tools/dlopen_root.h"

namespace revdep::tool {
namespace {

using elf_builder::library;
using elf_builder::program;

class Dlopen : public DlopenTest {};

TEST_F(Dlopen, ReverseMarksTheProgramThatOpensAnAskingPlugin) {
  EXPECT_EQ(root_.run({"-r", "-m", "-y"}).status, 0);
  EXPECT_EQ(root_.flags("/usr/bin/app"), "em");
  EXPECT_EQ(root_.flags("/usr/bin/plain"), "none");
  EXPECT_EQ(root_.run({"--audit", "--rule", "unmet-requirement"}).status, 0);
}

TEST_F(Dlopen, ForwardDoesTheSame) {
  EXPECT_EQ(root_.run({"-f", "-m", "-y"}).status, 0);
  EXPECT_EQ(root_.flags("/usr/bin/app"), "em");
  EXPECT_EQ(root_.flags("/usr/bin/plain"), "none");
}

TEST_F(Dlopen, IsKnownWhateverTheSourceOfFacts) {
  using Strings = std::vector<std::string>;
  for (const Strings& more : {Strings{}, Strings{"--facts", "elf"}, Strings{"--source", "filesystem"}}) {
    SCOPED_TRACE(more.empty() ? "" : more.back());
    EXPECT_EQ(pending(more), Paths{"/usr/bin/app"});
    EXPECT_EQ(unmet(more), Paths{"/usr/bin/app"});
    EXPECT_EQ(way("/usr/bin/app", more), "libplug.so.1");
  }
}

TEST_F(Dlopen, IsAnEdgeOfTreeChainWhyAndAudit) {
  EXPECT_EQ(root_.run({"--tree", "/usr/bin/app"}).out,
            "/usr/bin/app :X86_64\n"
            "  /lib64/ld-linux-x86-64.so.2 => /lib64/ld-linux-x86-64.so.2 (interpreter)\n"
            "  libplug.so.1 => /usr/lib64/libplug.so.1 (dlopen)\n");
  EXPECT_EQ(root_.run({"--chain", "/usr/bin/app", plug}).out,
            tabs("/usr/bin/app\nlibplug.so.1|/usr/lib64/libplug.so.1\n"));
  EXPECT_EQ(root_.run({"--why", "/usr/bin/app"}).out,
            tabs("/usr/bin/app [app/one-1] ( **** )\n|m (not set)\n||asked for by /usr/lib64/libplug.so.1\n"));
  EXPECT_EQ(audited_way("/usr/bin/app"), "dlopen:/usr/lib64/libplug.so.1");
  const auto audit = root_.run({"--audit"});
  EXPECT_NE(audit.out.find("    /usr/bin/app [app/one-1] -> (dlopen) /usr/lib64/libplug.so.1\n"), std::string::npos)
      << audit.out;
  EXPECT_EQ(audit.status, 1);
}

TEST_F(Dlopen, IsNoPartOfTheLinkClosure) {
  EXPECT_EQ(root_.run({"-b", "/usr/bin/app", "-v"}).out,
            tabs("/usr/bin/app :X86_64 ( **** )\n"
                 "|ld-linux-x86-64.so.2|/lib64/ld-linux-x86-64.so.2 ( **** )\n\n"));
  EXPECT_EQ(root_.run({"-f", "-v"}).out.find(tabs("|libplug.so.1|")), std::string::npos);
  const auto alone = tabs("libplug.so.1|/usr/lib64/libplug.so.1 :X86_64 ( --m-- )\n\n");
  EXPECT_EQ(root_.run({"-v", "-s", "libplug.so.1"}).out, alone);
  EXPECT_EQ(root_.run({"-v", "-l", plug}).out, alone);
  EXPECT_EQ(root_.run({"-v", "-r"}).out.find("libplug"), std::string::npos);
}

TEST_F(Dlopen, IsLeftOutEverywhereIfAskedTo) {
  EXPECT_EQ(pending({"--no-dlopen"}), Paths{});
  EXPECT_EQ(unmet({"--no-dlopen"}), Paths{});
  EXPECT_EQ(way("/usr/bin/app", {"--no-dlopen"}), "none");
  EXPECT_EQ(root_.run({"--tree", "/usr/bin/app", "--no-dlopen"}).out,
            "/usr/bin/app :X86_64\n"
            "  /lib64/ld-linux-x86-64.so.2 => /lib64/ld-linux-x86-64.so.2 (interpreter)\n");
  EXPECT_EQ(root_.run({"--why", "/usr/bin/app", "--no-dlopen"}).out, "/usr/bin/app [app/one-1] ( **** )\n");
  EXPECT_EQ(root_.run({"--graph", "/usr/bin/app", "--no-dlopen"}).out.find("libplug"), std::string::npos);
  EXPECT_EQ(root_.run({"-r", "-m", "-y", "--no-dlopen"}).status, 0);
  EXPECT_EQ(root_.flags("/usr/bin/app"), "none");
}

TEST_F(Dlopen, WhatWasCarriedIsWithdrawnWhenThePluginAsksNoMore) {
  ASSERT_EQ(root_.run({"-r", "-m", "-y"}).status, 0);
  ASSERT_EQ(root_.flags("/usr/bin/app"), "em");
  root_.remove_flags(plug);
  EXPECT_EQ(root_.run({"-r", "-m", "-y"}).status, 0);
  EXPECT_EQ(root_.flags("/usr/bin/app"), "none");
}

TEST_F(Dlopen, ASuggestedPluginAsksNothing) {
  for (const char* const priority : {"required", "recommended", "suggested"}) {
    root_.add(std::string("/usr/bin/") + priority, opening(program({}), {"libplug.so.1"}, priority));
  }
  const Paths expected = {"/usr/bin/app", "/usr/bin/recommended", "/usr/bin/required"};
  EXPECT_EQ(pending(), expected);
  EXPECT_EQ(unmet(), expected);
  EXPECT_EQ(way("/usr/bin/suggested"), "none");
}

TEST_F(Dlopen, TheFirstSonameThatIsThereIsTaken) {
  root_.add("/usr/bin/app", opening(program({}), {"libgone.so.1", "libfirst.so.1", "libplug.so.1"}));
  add_library("libother.so.1");
  root_.add("/usr/bin/second", opening(program({}), {"libgone.so.1", "libplug.so.1", "libother.so.1"}));
  root_.add("/usr/bin/none", opening(program({}), {"libgone.so.1", "libgone.so.2"}));
  EXPECT_EQ(pending(), (Paths{"/usr/bin/app", "/usr/bin/second"}));
  add_library("libfirst.so.1");
  EXPECT_EQ(pending(), Paths{"/usr/bin/second"});
  EXPECT_EQ(unmet(), Paths{"/usr/bin/second"});
  const auto tree = root_.run({"--tree", "/usr/bin/none"});
  EXPECT_EQ(tree.out,
            "/usr/bin/none :X86_64\n"
            "  /lib64/ld-linux-x86-64.so.2 => /lib64/ld-linux-x86-64.so.2 (interpreter)\n");
  EXPECT_EQ(tree.err, "");
  EXPECT_EQ(tree.status, 0);
}

TEST_F(Dlopen, ASonameOfAnotherAbiIsNotThere) {
  root_.add("/usr/lib64/libfirst.so.1", library("libfirst.so.1", {}, elf_builder::i386));
  root_.add("/usr/bin/app", opening(program({}), {"libfirst.so.1", "libplug.so.1"}));
  EXPECT_EQ(pending(), Paths{"/usr/bin/app"});
  EXPECT_EQ(way("/usr/bin/app"), "libplug.so.1");
}

TEST_F(Dlopen, EveryNoteOfAnObjectCounts) {
  add_library("libother.so.1");
  root_.set_flags("/usr/lib64/libother.so.1", "r");
  root_.replace("/usr/bin/app", opening(opening(program({}), {"libplug.so.1"}), {"libother.so.1"}));
  EXPECT_EQ(root_.run({"-r", "-m", "-y"}).status, 0);
  EXPECT_EQ(root_.flags("/usr/bin/app"), "emr");
}

TEST_F(Dlopen, ANoteDeepInTheLinkClosureCounts) {
  add_library("libdeep.so.1", {}, {"libplug.so.1"});
  add_library("libmid.so.1", {"libdeep.so.1"});
  root_.add("/usr/bin/deep", program({"libmid.so.1"}));
  EXPECT_EQ(pending(), (Paths{"/usr/bin/app", "/usr/bin/deep"}));
  EXPECT_EQ(way("/usr/bin/deep"), "libmid.so.1 libdeep.so.1 libplug.so.1");
  EXPECT_EQ(audited_way("/usr/bin/deep"),
            "/usr/lib64/libmid.so.1 /usr/lib64/libdeep.so.1 dlopen:/usr/lib64/libplug.so.1");
  EXPECT_EQ(root_.run({"--why", "/usr/bin/deep"}).out,
            tabs("/usr/bin/deep [app/one-1] ( **** )\n|m (not set)\n"
                 "||asked for by /usr/lib64/libplug.so.1, loaded for /usr/lib64/libdeep.so.1, "
                 "loaded for /usr/lib64/libmid.so.1\n"));
}

TEST_F(Dlopen, WhatAPluginNeedsIsPartOfIt) {
  add_library("libouter.so.1", {"libplug.so.1"});
  root_.add("/usr/bin/outer", opening(program({}), {"libouter.so.1"}));
  EXPECT_EQ(pending(), (Paths{"/usr/bin/app", "/usr/bin/outer"}));
  EXPECT_EQ(audited_way("/usr/bin/outer"), "dlopen:/usr/lib64/libouter.so.1 /usr/lib64/libplug.so.1");
  EXPECT_EQ(root_.run({"--tree", "/usr/bin/outer"}).out,
            "/usr/bin/outer :X86_64\n"
            "  /lib64/ld-linux-x86-64.so.2 => /lib64/ld-linux-x86-64.so.2 (interpreter)\n"
            "  libouter.so.1 => /usr/lib64/libouter.so.1 (dlopen)\n"
            "    libplug.so.1 => /usr/lib64/libplug.so.1 (default directory)\n");
}

TEST_F(Dlopen, APluginOpensPluginsToo) {
  add_library("libinner.so.1", {}, {"libplug.so.1"});
  add_library("libhost.so.1", {"libinner.so.1"});
  root_.add("/usr/bin/host", opening(program({}), {"libhost.so.1"}));
  EXPECT_EQ(pending(), (Paths{"/usr/bin/app", "/usr/bin/host"}));
  EXPECT_EQ(audited_way("/usr/bin/host"),
            "dlopen:/usr/lib64/libhost.so.1 /usr/lib64/libinner.so.1 dlopen:/usr/lib64/libplug.so.1");
  EXPECT_EQ(way("/usr/bin/host"), "libhost.so.1 libinner.so.1 libplug.so.1");
}

TEST_F(Dlopen, CyclesEnd) {
  add_library("libself.so.1", {}, {"libself.so.1"});
  add_library("libone.so.1", {"libself.so.1"}, {"libtwo.so.1"});
  add_library("libtwo.so.1", {"libthree.so.1"}, {"libone.so.1"});
  add_library("libthree.so.1", {"libtwo.so.1"}, {"libplug.so.1"});
  root_.add("/usr/bin/cycle", program({"libone.so.1"}));
  EXPECT_EQ(pending(), (Paths{"/usr/bin/app", "/usr/bin/cycle"}));
  EXPECT_EQ(unmet(), (Paths{"/usr/bin/app", "/usr/bin/cycle"}));
  EXPECT_EQ(way("/usr/bin/cycle"), "libone.so.1 libtwo.so.1 libthree.so.1 libplug.so.1");
  EXPECT_EQ(root_.run({"--tree", "/usr/bin/cycle"}).status, 0);
}

TEST_F(Dlopen, WhatIsNeededAsWellIsNoPlugin) {
  root_.add("/usr/bin/both", opening(program({"libplug.so.1"}), {"libplug.so.1"}));
  EXPECT_EQ(audited_way("/usr/bin/both"), "/usr/lib64/libplug.so.1");
}

// What has the soname already is not searched for again.
TEST_F(Dlopen, WhatIsLoadedUnderThatNameIsNotOpenedFromElsewhere) {
  root_.add("/opt/lib/libplug.so.1", library("libplug.so.1"));
  elf_builder::Object own = program({"libplug.so.1", "libdeep.so.1"});
  own.runpath = "/opt/lib";
  root_.add("/usr/bin/own", own);
  add_library("libdeep.so.1", {}, {"libplug.so.1"});
  EXPECT_EQ(way("/usr/bin/own"), "none");
  EXPECT_EQ(pending(), Paths{"/usr/bin/app"});
}

TEST_F(Dlopen, APluginThatOthersCanWriteIsNotFollowedAndNamed) {
  ASSERT_EQ(::chown(root_.file(plug).c_str(), 65534, 0), 0);
  const auto audit = root_.run({"--audit", "--rule", "untrusted-asker"});
  EXPECT_NE(audit.out.find(plug), std::string::npos) << audit.out;
  EXPECT_EQ(audit.status, 1);
  EXPECT_EQ(unmet(), Paths{});
  const auto migration = root_.run({"-r", "-m", "-y"});
  EXPECT_EQ(migration.err, "cannot follow the marking of " + root_.file(plug) + ": it belongs to user 65534\n");
  EXPECT_EQ(root_.flags("/usr/bin/app"), "none");
}

TEST_F(Dlopen, AMalformedNoteIsNamedAndTheOthersCount) {
  elf_builder::Object object = opening(program({}), {"libplug.so.1"});
  object.dlopen_notes.insert(object.dlopen_notes.begin(), R"([{"soname": "libother.so.1"}])");
  root_.replace("/usr/bin/app", object);
  const std::string named = "cannot use all of " + root_.file("/usr/bin/app") + ": a .note.dlopen entry is malformed\n";
  const auto tree = root_.run({"--tree", "/usr/bin/app"});
  EXPECT_NE(tree.out.find("  libplug.so.1 => /usr/lib64/libplug.so.1 (dlopen)\n"), std::string::npos) << tree.out;
  EXPECT_EQ(tree.err, named);
  EXPECT_EQ(tree.status, 1);
  EXPECT_EQ(root_.run({"--audit"}).err, named);
  const auto migration = root_.run({"-r", "-m", "-y"});
  EXPECT_EQ(migration.err, named);
  EXPECT_EQ(migration.status, 1);
  EXPECT_EQ(root_.flags("/usr/bin/app"), "em");
}

// With the same object as a set-id program and as another one.
class DlopenSetId : public DlopenTest {
 protected:
  void add_both(const elf_builder::Object& object) {
    root_.add("/usr/bin/usual", object);
    root_.add("/usr/bin/set-id", object);
    ASSERT_EQ(::chmod(root_.file("/usr/bin/set-id").c_str(), 04755), 0);
  }
  // Which of the two.
  [[nodiscard]] Paths asked() const {
    Paths paths = pending();
    EXPECT_EQ(unmet(), paths);
    paths.erase("/usr/bin/app");
    return paths;
  }
  static elf_builder::Object searching(elf_builder::Object object, const std::string& runpath) {
    object.runpath = runpath;
    return object;
  }
  // A plugin that only directories of its own lead to.
  void add_aside(const std::string& path) {
    root_.add(path, library("libaside.so.1"));
    root_.set_flags(path, "m");
  }
};

TEST_F(DlopenSetId, OpensWhatIsInTheDefaultDirectories) {
  add_both(opening(program({}), {"libplug.so.1"}));
  EXPECT_EQ(asked(), (Paths{"/usr/bin/set-id", "/usr/bin/usual"}));
}

TEST_F(DlopenSetId, OpensNothingFromWhereItStands) {
  add_aside("/usr/bin/plugins/libaside.so.1");
  add_both(opening(searching(program({}), "$ORIGIN/plugins"), {"libaside.so.1"}));
  EXPECT_EQ(asked(), Paths{"/usr/bin/usual"});
  const auto tree = root_.run({"--tree", "/usr/bin/set-id"});
  EXPECT_EQ(tree.out.find("libaside"), std::string::npos) << tree.out;
}

TEST_F(DlopenSetId, OpensTheOneInTheDefaultDirectoriesInstead) {
  add_aside("/usr/lib64/libaside.so.1");
  root_.add("/usr/bin/plugins/libaside.so.1", library("libaside.so.1"));
  add_both(opening(searching(program({}), "$ORIGIN/plugins"), {"libaside.so.1"}));
  EXPECT_EQ(asked(), Paths{"/usr/bin/set-id"});
}

TEST_F(DlopenSetId, OpensWhatOtherDirectoriesOfItsPathHave) {
  add_aside("/opt/plugins/libaside.so.1");
  add_both(opening(searching(program({}), "/opt/plugins:$ORIGIN/plugins"), {"libaside.so.1"}));
  EXPECT_EQ(asked(), (Paths{"/usr/bin/set-id", "/usr/bin/usual"}));
}

// glibc looks at the program's own $ORIGIN only.
TEST_F(DlopenSetId, OpensWhatItsLibrariesOpenFromWhereTheyStand) {
  add_aside("/usr/lib64/plugins/libaside.so.1");
  root_.add("/usr/lib64/libmid.so.1", opening(searching(library("libmid.so.1"), "$ORIGIN/plugins"), {"libaside.so.1"}));
  add_both(program({"libmid.so.1"}));
  EXPECT_EQ(asked(), (Paths{"/usr/bin/set-id", "/usr/bin/usual"}));
}

}  // namespace
}  // namespace revdep::tool
