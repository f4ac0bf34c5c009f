// The `load` lines of the admin's rule files: plugins that no note tells of. Every expectation is written by hand from what
// the small root holds.
#include <sys/stat.h>
#include <unistd.h>

#include "tools/dlopen_root.h"

namespace revdep::tool {
namespace {

using elf_builder::library;
using elf_builder::program;

constexpr const char* rules = "/etc/revdep-pax/rules.d/site.conf";

// /usr/lib64/mod/libmod-x.so and libmod-y.so, of which x asks for "m", and nothing that says who opens them.
class LoadRules : public DlopenTest {
 protected:
  void SetUp() override {
    DlopenTest::SetUp();
    if (IsSkipped()) return;
    root_.add("/usr/bin/host", program({}));
    root_.add("/usr/bin/hostess", program({}));
    root_.add(mod, library("libmod-x.so"));
    root_.add("/usr/lib64/mod/libmod-y.so", library("libmod-y.so"));
    root_.set_flags(mod, "m");
  }
  // Programs of which something is asked beside app, whose note says so.
  [[nodiscard]] Paths asked() const {
    Paths paths = pending();
    EXPECT_EQ(unmet(), paths);
    paths.erase("/usr/bin/app");
    return paths;
  }
  [[nodiscard]] std::string at(int line, const std::string& file = rules) const {
    return "cannot use " + root_.file(file) + ":" + std::to_string(line) + ": ";
  }

  static constexpr const char* mod = "/usr/lib64/mod/libmod-x.so";
};

TEST_F(LoadRules, WithoutThemNobodyIsAsked) { EXPECT_EQ(asked(), Paths{}); }

TEST_F(LoadRules, ALibraryOfALiteralPathAsksALiteralProgram) {
  root_.write(rules, "load /usr/bin/host -> /usr/lib64/mod/libmod-x.so  # says its manual\n");
  EXPECT_EQ(asked(), Paths{"/usr/bin/host"});
  EXPECT_EQ(audited_way("/usr/bin/host"), std::string("dlopen:") + mod);
  EXPECT_EQ(root_.run({"--tree", "/usr/bin/host"}).out,
            "/usr/bin/host :X86_64\n"
            "  /lib64/ld-linux-x86-64.so.2 => /lib64/ld-linux-x86-64.so.2 (interpreter)\n"
            "  libmod-x.so => /usr/lib64/mod/libmod-x.so (dlopen)\n");
  EXPECT_EQ(root_.run({"--chain", "/usr/bin/host", mod}).out,
            tabs("/usr/bin/host\nlibmod-x.so|/usr/lib64/mod/libmod-x.so\n"));
  EXPECT_EQ(root_.run({"-r", "-m", "-y"}).status, 0);
  EXPECT_EQ(root_.flags("/usr/bin/host"), "em");
  EXPECT_EQ(root_.flags("/usr/bin/hostess"), "none");
}

TEST_F(LoadRules, GlobsOfProgramsAndLibrariesMatchWithinADirectory) {
  root_.add("/usr/bin/sub/host", program({}));
  root_.write(rules, "load /usr/bin/h* -> /usr/lib64/mod/libmod-?.so\n");
  EXPECT_EQ(asked(), (Paths{"/usr/bin/host", "/usr/bin/hostess"}));
  const std::string tree = root_.run({"--tree", "/usr/bin/hostess"}).out;
  EXPECT_NE(tree.find("  libmod-x.so => /usr/lib64/mod/libmod-x.so (dlopen)\n"), std::string::npos) << tree;
  EXPECT_NE(tree.find("  libmod-y.so => /usr/lib64/mod/libmod-y.so (dlopen)\n"), std::string::npos) << tree;
  root_.write(rules, "load /usr/bin/host -> /usr/lib64/*.so\n");
  EXPECT_EQ(asked(), Paths{});
}

TEST_F(LoadRules, ALibraryOfAnotherAbiIsNotOpened) {
  root_.add("/usr/bin/host32", program({}, elf_builder::i386));
  root_.write(rules, "load /usr/bin/host* -> /usr/lib64/mod/*\n");
  EXPECT_EQ(asked(), (Paths{"/usr/bin/host", "/usr/bin/hostess"}));
}

TEST_F(LoadRules, ALibraryThatTheDatabaseDoesNotKnowCountsByItsLiteralPath) {
  elf_builder::write_object(root_.file("/opt/vendor/engine.so"), library("engine.so", {"libplug.so.1"}));
  root_.write(rules, "load /usr/bin/host -> /opt/vendor/engine.so\n");
  EXPECT_EQ(asked(), Paths{"/usr/bin/host"});
  EXPECT_EQ(audited_way("/usr/bin/host"), "dlopen:/opt/vendor/engine.so /usr/lib64/libplug.so.1");
}

TEST_F(LoadRules, WhatARuleNamesCanHaveANoteOfItsOwn) {
  root_.add("/usr/lib64/mod/libmod-y.so", opening(library("libmod-y.so"), {"libplug.so.1"}));
  root_.write(rules, "load /usr/bin/host -> /usr/lib64/mod/libmod-y.so\n");
  EXPECT_EQ(asked(), Paths{"/usr/bin/host"});
  EXPECT_EQ(audited_way("/usr/bin/host"), "dlopen:/usr/lib64/mod/libmod-y.so dlopen:/usr/lib64/libplug.so.1");
}

TEST_F(LoadRules, AProgramsOwnNoteCountsBesideThem) {
  root_.set_flags(mod, "r");
  root_.write(rules, "load /usr/bin/app -> /usr/lib64/mod/libmod-x.so\n");
  EXPECT_EQ(root_.run({"-r", "-m", "-y"}).status, 0);
  EXPECT_EQ(root_.flags("/usr/bin/app"), "emr");
}

TEST_F(LoadRules, AreLeftOutWithoutDlopen) {
  root_.write(rules, "load /usr/bin/host -> /usr/lib64/mod/libmod-x.so\n");
  EXPECT_EQ(pending({"--no-dlopen"}), Paths{});
  EXPECT_EQ(unmet({"--no-dlopen"}), Paths{});
}

TEST_F(LoadRules, ABadLineIsNamedAndTheOthersCount) {
  root_.write(rules,
              "laod /usr/bin/hostess -> /usr/lib64/mod/libmod-x.so\n\n"
              "load /usr/bin/host -> /usr/lib64/mod/libmod-x.so\n");
  const std::string named = at(1) + "unknown statement 'laod'; did you mean 'load'?\n";
  EXPECT_EQ(asked(), Paths{"/usr/bin/host"});
  const auto migration = root_.run({"-r", "-m", "-y"});
  EXPECT_EQ(migration.err, named);
  EXPECT_EQ(migration.status, 1);
  EXPECT_EQ(root_.flags("/usr/bin/host"), "em");
  for (const auto& words : {std::vector<std::string>{"--audit"}, {"--tree", "/usr/bin/host"}, {"-r", "-m", "-p"}}) {
    const auto outcome = root_.run(words);
    EXPECT_EQ(outcome.err, named) << words.front();
    EXPECT_EQ(outcome.status, 1) << words.front();
  }
}

TEST_F(LoadRules, AFileThatIsNotRootsIsRefused) {
  root_.write(rules, "load /usr/bin/host -> /usr/lib64/mod/libmod-x.so\n");
  root_.write("/etc/revdep-pax/rules.d/other.conf", "load /usr/bin/hostess -> /usr/lib64/mod/libmod-x.so\n");
  ASSERT_EQ(::chown(root_.file(rules).c_str(), 65534, 0), 0);
  EXPECT_EQ(asked(), Paths{"/usr/bin/hostess"});
  const auto outcome = root_.run({"--audit"});
  EXPECT_TRUE(outcome.err.starts_with("cannot read " + root_.file(rules) + ": ")) << outcome.err;
  EXPECT_EQ(outcome.status, 1);
  ASSERT_EQ(::chown(root_.file(rules).c_str(), 0, 0), 0);
  ASSERT_EQ(::chmod(root_.file(rules).c_str(), 0664), 0);
  EXPECT_EQ(asked(), Paths{"/usr/bin/hostess"});
}

TEST_F(LoadRules, AFileInEtcHidesThePackagesOneOfThatName) {
  const std::string packaged = "/usr/lib/revdep-pax/rules.d/site.conf";
  root_.write(packaged, "load /usr/bin/hostess -> /usr/lib64/mod/libmod-x.so\n");
  EXPECT_EQ(asked(), Paths{"/usr/bin/hostess"});
  root_.write(rules, "load /usr/bin/host -> /usr/lib64/mod/libmod-x.so\n");
  EXPECT_EQ(asked(), Paths{"/usr/bin/host"});
  root_.write(rules, "");
  EXPECT_EQ(asked(), Paths{});
}

TEST_F(LoadRules, ASetIdProgramOpensThemToo) {
  ASSERT_EQ(::chmod(root_.file("/usr/bin/host").c_str(), 04755), 0);
  root_.write(rules, "load /usr/bin/host -> /usr/lib64/mod/libmod-x.so\n");
  EXPECT_EQ(asked(), Paths{"/usr/bin/host"});
}

}  // namespace
}  // namespace revdep::tool
