// --suggest: objects that need a marking and have none, and -m, which sets it. What is there to find is seeded_root's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tools/seeded_root.h"

namespace revdep::tool {
namespace {

using elf_builder::library;
using elf_builder::program;
using nlohmann::json;
using testing::HasSubstr;
using Strings = std::vector<std::string>;

constexpr const char* text = "/usr/lib64/libtext.so.1";
constexpr const char* text_line =
    "/usr/lib64/libtext.so.1 [lib/text-1]: m (it has text relocations; 3 executables load it, 2 of them set-id)\n";

class Suggest : public testing::Test {
 protected:
  void SetUp() override {
    if (!root_.has_xattrs()) GTEST_SKIP() << "no user xattrs where the tests run";
    if (::geteuid() != 0) GTEST_SKIP() << "only root may write the journal";
    root_.seed_needs_marking();
  }
  support::Outcome suggest(Strings more = {}) const {
    more.insert(more.begin(), "--suggest");
    return root_.run(more);
  }
  /// The xattrs of nested, libknown, libsegment, libstack, libtext, libunstated.
  [[nodiscard]] std::string marked() const {
    std::string all = root_.flags("/usr/bin/nested");
    for (const char* const name : {"known.so.7", "segment.so.1", "stack.so.1", "text.so.1", "unstated.so.1"})
      all += ' ' + root_.flags(std::string("/usr/lib64/lib") + name);
    return all;
  }

  SeededRoot root_;
};

TEST_F(Suggest, ListsWhatNeedsAMarkingWithEvidenceAndReach) {
  const auto outcome = suggest();
  EXPECT_EQ(
      outcome.out,
      std::string("/usr/bin/nested [app/one-1]: E (its stack is to be executable, for trampolines)\n"
                  "/usr/lib64/libknown.so.7 [lib/known-7]: m (compiles at run time (2026-11); 1 executable loads it)\n"
                  "/usr/lib64/libsegment.so.1 [lib/segment-1]: m (one of its segments is writable and executable; "
                  "1 executable loads it)\n"
                  "/usr/lib64/libstack.so.1 [lib/stack-1]: m (the loader has to make the stack executable for it; "
                  "0 executables load it)\n") +
          text_line +
          "/usr/lib64/libunstated.so.1 [lib/unstated-1]: m (it has no PT_GNU_STACK, so the loader makes the stack "
          "executable; 0 executables load it)\n");
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.status, 1);
}

TEST_F(Suggest, AnyUserMayAsk) {
  if (!root_.is_reachable_by_nobody()) GTEST_SKIP() << "user 65534 cannot get at the program or the root";
  EXPECT_EQ(root_.run_as_nobody({"--suggest"}).out, suggest().out);
  EXPECT_EQ(root_.run_as_nobody({"--suggest"}).status, 1);
}

TEST_F(Suggest, JsonHasTheSame) {
  const json document = json::parse(suggest({"--format", "json"}).out);
  EXPECT_EQ(document["schema"], 1);
  EXPECT_EQ(document["kind"], "suggest");
  Strings paths;
  for (const json& suggestion : document["suggestions"]) paths.push_back(suggestion["path"]);
  EXPECT_EQ(paths, (Strings{"/usr/bin/nested", "/usr/lib64/libknown.so.7", "/usr/lib64/libsegment.so.1",
                            "/usr/lib64/libstack.so.1", text, "/usr/lib64/libunstated.so.1"}));
  EXPECT_EQ(document["suggestions"][4], (json{{"path", text},
                                              {"package", "lib/text-1"},
                                              {"flags", "m"},
                                              {"evidence", "it has text relocations"},
                                              {"library", true},
                                              {"executables", 3},
                                              {"set_id_executables", 2}}));
  EXPECT_EQ(document["suggestions"][0]["library"], false);
}

// Through another library, and by .note.dlopen.
TEST_F(Suggest, CountsAllThatLoadTheLibrary) {
  root_.add("/usr/lib64/libover.so.1", library("libover.so.1", {"libtext.so.1"}), "lib/over-1");
  root_.add("/usr/bin/over", program({"libover.so.1"}));
  elf_builder::Object opener = program({});
  opener.dlopen_notes = {R"([{"feature":"x","priority":"required","soname":["libtext.so.1"]}])"};
  root_.add("/usr/bin/opener", opener);
  EXPECT_THAT(suggest({text}).out, HasSubstr("; 5 executables load it, 2 of them set-id)\n"));
  EXPECT_THAT(suggest({text, "--no-dlopen"}).out, HasSubstr("; 4 executables load it, 2 of them set-id)\n"));
}

TEST_F(Suggest, TakesPathsAndSonames) {
  EXPECT_EQ(suggest({text}).out, text_line);
  EXPECT_EQ(suggest({"libtext.so.1"}).out, text_line);
  std::filesystem::create_symlink("libtext.so.1", root_.file("/usr/lib64/libtext.so"));
  EXPECT_EQ(suggest({"/usr/lib64/libtext.so"}).out, text_line);
  EXPECT_EQ(
      suggest({"libtext.so.1", "/usr/bin/nested"}).out,
      std::string("/usr/bin/nested [app/one-1]: E (its stack is to be executable, for trampolines)\n") + text_line);
}

TEST_F(Suggest, NothingIsSuggestedForWhatNeedsNothing) {
  const auto outcome = suggest({"/usr/bin/clean", "libclean.so.1"});
  EXPECT_EQ(outcome.out + outcome.err, "");
  EXPECT_EQ(outcome.status, 0);
}

// As -s and -l have it.
TEST_F(Suggest, ANameThatNothingHasIsAnError) {
  for (const char* const name : {"libgone.so.1", "/usr/lib64/libgone.so.1"}) {
    const auto outcome = suggest({name});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_THAT(outcome.err, HasSubstr(name));
  }
}

TEST_F(Suggest, GoesByTheKernel) {
  EXPECT_THAT(suggest({"/usr/bin/nested", "--kernel", "emutramp=no"}).out, HasSubstr(": m (its stack is to be"));
  EXPECT_EQ(suggest({"--kernel", "mprotect=no"}).out,
            "/usr/bin/nested [app/one-1]: E (its stack is to be executable, for trampolines)\n");
}

TEST_F(Suggest, PretendShowsWhatWouldBeSet) {
  const std::string before = root_.picture();
  const auto outcome = suggest({"libtext.so.1", "/usr/bin/nested", "-m", "-p"});
  EXPECT_EQ(outcome.out,
            "/usr/bin/nested [app/one-1]: user.pax.flags none -> E\n"
            "/usr/lib64/libtext.so.1 [lib/text-1]: user.pax.flags none -> em\n"
            "2 to change, 0 already right, 0 refused to change, 0 failed\n");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(root_.picture(), before);
}

TEST_F(Suggest, YesLeavesOutLibrariesThatSetIdProgramsLoad) {
  const auto outcome = suggest({"-m", "-y"});
  EXPECT_EQ(marked(), "E em em em none em");
  EXPECT_EQ(outcome.out, "5 marked, 0 already right, 0 withdrawn, 0 refused to change, 0 failed, 1 declined\n");
  EXPECT_EQ(outcome.status, 1);
}

TEST_F(Suggest, WhatIsLeftOutIsNamedWithTheReason) {
  EXPECT_THAT(suggest({"-m", "-y"}).err, testing::AllOf(HasSubstr(text), HasSubstr("set-id")));
}

TEST_F(Suggest, YesTakesWhatIsNamed) {
  const auto outcome = suggest({"libtext.so.1", "-m", "-y"});
  EXPECT_EQ(marked(), "none none none none em none");
  EXPECT_EQ(outcome.out, "1 marked, 0 already right, 0 withdrawn, 0 refused to change, 0 failed\n");
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.status, 0);
}

TEST_F(Suggest, AsksForEachOnATerminal) {
  const auto outcome = root_.run_on_terminal({"-m", "--suggest", text, "/usr/bin/nested"}, "n\ny\n");
  EXPECT_EQ(outcome.out,
            "Set flags for /usr/bin/nested (y/n): Set flags for /usr/lib64/libtext.so.1 (y/n): "
            "1 marked, 0 already right, 0 withdrawn, 0 refused to change, 0 failed, 1 declined\n");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(marked(), "none none none none em none");
}

TEST_F(Suggest, OnlyAndExcludeSelect) {
  suggest({"-m", "-y", "--only", "/usr/lib64/*", "--exclude", "*stack*"});
  EXPECT_EQ(marked(), "none em em none none em");
}

// A header is kept in step, and its other letters stay.
TEST_F(Suggest, AddsToTheMarkingThatIsThere) {
  elf_builder::Object both = library("libboth.so.1");
  both.text_relocations = true;
  both.pax_flags = {0xa000};  // er
  root_.add("/usr/lib64/libboth.so.1", both, "lib/both-1");
  root_.set_flags("/usr/lib64/libboth.so.1", "er");
  EXPECT_EQ(suggest({"libboth.so.1", "-m", "-y"}).status, 0);
  EXPECT_EQ(root_.flags("/usr/lib64/libboth.so.1"), "emr");
  EXPECT_EQ(root_.header("/usr/lib64/libboth.so.1"), "0xa200");
}

TEST_F(Suggest, WhatSaysOtherwiseIsNotSuggested) {
  root_.set_flags(text, "M");
  EXPECT_EQ(suggest({text}).out, "");
  EXPECT_EQ(suggest({text}).status, 0);
}

TEST_F(Suggest, TheMigrationCarriesItOnAndTheAuditIsClean) {
  EXPECT_EQ(suggest({"-m", "-y"}).status, 1);
  EXPECT_EQ(suggest({text, "-m", "-y"}).status, 0);
  EXPECT_EQ(suggest().out, "");
  EXPECT_EQ(suggest().status, 0);
  EXPECT_EQ(root_.run({"-r", "-m", "-y"}).out,
            "3 marked, 0 already right, 0 withdrawn, 0 refused to change, 0 failed\n");
  for (const char* const path : {"/usr/bin/user", "/usr/bin/su", "/usr/bin/mount"}) EXPECT_EQ(root_.flags(path), "em");
  const auto audit = root_.run({"-a", "--severity", "note"});
  EXPECT_EQ(audit.out + audit.err, "");
  EXPECT_EQ(audit.status, 0);
}

TEST_F(Suggest, UndoRestores) {
  const std::string before = marked();
  suggest({"-m", "-y"});
  EXPECT_EQ(root_.run({"--undo", "-y"}).out, "0 marked, 0 already right, 5 withdrawn, 0 refused to change, 0 failed\n");
  EXPECT_EQ(marked(), before);
}

// The manual's JOURNAL: -m does not set again what was undone, and says so, until it is released.
// It is the admin's word, as --set is: nothing but another word of his sets it again.
TEST_F(Suggest, WhatWasUndoneIsSetAgainByTheSameCommandOnly) {
  suggest({text, "-m", "-y"});
  root_.run({"--undo", "-y"});
  EXPECT_EQ(root_.flags(text), "none");
  root_.run({"-r", "-m", "-y"});
  EXPECT_EQ(root_.flags(text), "none");
  suggest({text, "-m", "-y"});
  EXPECT_EQ(root_.flags(text), "em");
}

}  // namespace
}  // namespace revdep::tool
