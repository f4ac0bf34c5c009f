// revdep-pax -b, -s, -l with -m as a program: what getfattr says afterwards, and what was printed. Expectations by hand.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tools/small_root.h"

namespace revdep::tool {
namespace {

using elf_builder::library;
using elf_builder::program;
using nlohmann::json;

// a, b and c load libm, which asks for "m".
class Mark : public testing::Test {
 protected:
  void SetUp() override {
    if (!root_.has_xattrs()) GTEST_SKIP() << "no user xattrs where the tests run";
    if (::geteuid() != 0) GTEST_SKIP() << "only root may write the journal";
    for (const char* const name : {"/usr/bin/a", "/usr/bin/b", "/opt/c"}) root_.add(name, program({"libm.so.1"}));
    root_.add(library_, library("libm.so.1"), "lib/m-1");
    root_.set_flags(library_, "m");
  }

  // Of a, b and c.
  std::string flags() const {
    return root_.flags("/usr/bin/a") + " " + root_.flags("/usr/bin/b") + " " + root_.flags("/opt/c");
  }

  const std::string library_ = "/usr/lib64/libm.so.1";
  SmallRoot root_;
};

TEST_F(Mark, CarriesALibrarysFlagsToItsConsumersWithAFillerE) {
  const auto outcome = root_.run({"-m", "-y", "-s", "libm.so.1"});
  EXPECT_EQ(flags(), "em em em");
  EXPECT_EQ(root_.flags(library_), "m");
  EXPECT_EQ(outcome.out, tabs("libm.so.1|/usr/lib64/libm.so.1 :X86_64 ( --m-- )\n"
                              "|/opt/c ( **** )\n|/usr/bin/a ( **** )\n|/usr/bin/b ( **** )\n\n"
                              "3 marked, 0 already right, 0 withdrawn, 0 refused to change, 0 failed\n"));
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(root_.run({"-qs", "libm.so.1"}).status, 0);
}

TEST_F(Mark, ASecondRunHasNothingToDo) {
  root_.run({"-mys", "libm.so.1"});
  const auto again = root_.run({"-mys", "libm.so.1"});
  EXPECT_EQ(again.out.substr(again.out.find("\n\n") + 2),
            "0 marked, 3 already right, 0 withdrawn, 0 refused to change, 0 failed\n");
  EXPECT_EQ(again.status, 0);
}

TEST_F(Mark, ALibraryFileCanBeNamedInsteadOfItsSoname) {
  EXPECT_EQ(root_.run({"-my", "-l", library_}).status, 0);
  EXPECT_EQ(flags(), "em em em");
}

TEST_F(Mark, OnlyExecutablesInPathIfAsked) {
  EXPECT_EQ(root_.run({"-myes", "libm.so.1"}).status, 0);
  EXPECT_EQ(flags(), "em em none");
}

TEST_F(Mark, CarriesAnObjectsFlagsToItsLibrariesButNotToTheInterpreter) {
  root_.add("/usr/bin/d", program({"libplain.so"}));
  root_.add("/usr/lib64/libplain.so", library("libplain.so"));
  root_.set_flags("/usr/bin/d", "em");
  const auto outcome = root_.run({"-b", "/usr/bin/d", "-my"});
  EXPECT_EQ(root_.flags("/usr/lib64/libplain.so"), "em");
  EXPECT_EQ(root_.flags("/lib64/ld-linux-x86-64.so.2"), "none");
  EXPECT_EQ(outcome.status, 0);
}

TEST_F(Mark, AContradictionStaysWithAWarning) {
  root_.set_flags("/usr/bin/a", "EM");
  root_.set_flags("/usr/bin/b", "r");
  const auto outcome = root_.run({"-mys", "libm.so.1"});
  EXPECT_EQ(flags(), "EM mr em");
  EXPECT_EQ(outcome.err, "Warning: /usr/bin/a has M, refusing to set to m\ncannot mark " + root_.file("/usr/bin/a") +
                             ": its own letters contradict\n");
  EXPECT_NE(outcome.out.find("2 marked, 0 already right, 0 withdrawn, 1 refused to change, 0 failed\n"),
            std::string::npos);
  EXPECT_EQ(outcome.status, 1);
}

TEST_F(Mark, WhatDoesNotContradictIsCarriedAllTheSame) {
  root_.set_flags(library_, "mr");
  root_.set_flags("/usr/bin/a", "eR");
  const auto outcome = root_.run({"-mys", "libm.so.1"});
  EXPECT_EQ(root_.flags("/usr/bin/a"), "emR");
  EXPECT_EQ(outcome.err, "Warning: /usr/bin/a has R, refusing to set to r\n");
  EXPECT_EQ(outcome.status, 1);
}

TEST_F(Mark, ForceMakesTheExporterWin) {
  root_.set_flags("/usr/bin/a", "PeM");
  EXPECT_EQ(root_.run({"-mys", "libm.so.1", "--force"}).status, 0);
  EXPECT_EQ(flags(), "Pem em em");
}

TEST_F(Mark, AHeaderIsEditedInStepWithTheXattr) {
  elf_builder::Object with_header = program({"libm.so.1"});
  with_header.pax_flags = {0x2800};
  root_.replace("/usr/bin/a", with_header);
  const auto outcome = root_.run({"-mys", "libm.so.1"});
  EXPECT_EQ(flags(), "em em em");
  EXPECT_EQ(root_.header("/usr/bin/a"), "0x2a00");
  EXPECT_EQ(root_.header("/usr/bin/b"), "none");
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.status, 0);
}

TEST_F(Mark, AnEditThatAKernelWouldRefuseIsNotMade) {
  root_.set_flags(library_, "p");
  root_.set_flags("/usr/bin/b", "em");
  const auto outcome = root_.run({"-mys", "libm.so.1"});
  EXPECT_EQ(flags(), "none pem none");
  const std::string why = ": a kernel would refuse to run it with pe---: MPROTECT needs PAGEEXEC or SEGMEXEC\n";
  EXPECT_EQ(outcome.err, "cannot mark " + root_.file("/opt/c") + why + "cannot mark " + root_.file("/usr/bin/a") + why);
  EXPECT_NE(outcome.out.find("1 marked, 0 already right, 0 withdrawn, 2 refused to change, 0 failed\n"),
            std::string::npos);
  EXPECT_EQ(outcome.status, 1);
}

TEST_F(Mark, AMalformedXattrIsReplacedAndThatIsSaid) {
  root_.set_flags("/usr/bin/a", "-em--");
  const auto outcome = root_.run({"-mys", "libm.so.1"});
  EXPECT_EQ(flags(), "em em em");
  EXPECT_EQ(outcome.err, "/usr/bin/a had a malformed marking, which was replaced\n");
  EXPECT_EQ(outcome.status, 0);
}

TEST_F(Mark, HardLinksAreOneFile) {
  std::filesystem::create_hard_link(root_.file("/usr/bin/a"), root_.file("/usr/bin/link"));
  root_.write("/var/db/pkg/app/link-1/NEEDED.ELF.2", "X86_64;/usr/bin/link;;;libm.so.1;x86_64\n");
  root_.write("/var/db/pkg/app/link-1/CONTENTS", "obj /usr/bin/link d41d8cd98f00b204e9800998ecf8427e 1\n");
  const auto outcome = root_.run({"-mys", "libm.so.1"});
  EXPECT_EQ(root_.flags("/usr/bin/link"), "em");
  EXPECT_NE(outcome.out.find("3 marked, 1 already right, 0 withdrawn, 0 refused to change, 0 failed\n"),
            std::string::npos);
  EXPECT_EQ(outcome.status, 0);
}

TEST_F(Mark, ALibraryWithoutAMarkingCarriesNothingAndSaysSo) {
  root_.add("/usr/lib64/libplain.so", library("libplain.so"));
  root_.add("/usr/bin/d", program({"libplain.so"}));
  const auto outcome = root_.run({"-mys", "libplain.so"});
  EXPECT_EQ(outcome.err, "/usr/lib64/libplain.so has no marking: there is nothing to carry\n");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(root_.flags("/usr/bin/d"), "none");
}

TEST_F(Mark, JsonListsEveryFileWithItsOutcome) {
  root_.set_flags("/usr/bin/a", "em");
  const auto outcome = root_.run({"-mys", "libm.so.1", "--format=json"});
  EXPECT_EQ(json::parse(outcome.out), json::parse(R"({"schema": 1, "kind": "mark", "edits": [
    {"path": "/opt/c", "package": "app/one-1", "before": null, "after": "-em--", "outcome": "marked",
     "stores": {"before": {"xattr": null, "header": null, "ei": 0}, "after": {"xattr": "em", "header": null, "ei": 0}},
     "why": "m: /usr/lib64/libm.so.1"},
    {"path": "/usr/bin/a", "before": "-em--", "after": "-em--", "outcome": "right",
     "stores": {"before": {"xattr": "em", "header": null, "ei": 0}, "after": {"xattr": "em", "header": null, "ei": 0}}},
    {"path": "/usr/bin/b", "package": "app/one-1", "before": null, "after": "-em--", "outcome": "marked",
     "stores": {"before": {"xattr": null, "header": null, "ei": 0}, "after": {"xattr": "em", "header": null, "ei": 0}},
     "why": "m: /usr/lib64/libm.so.1"}]})"));
}

TEST_F(Mark, WithoutATerminalYesIsDemanded) {
  const auto outcome = root_.run({"-ms", "libm.so.1"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.err, "revdep-pax: standard input is no terminal: use -y\n");
  EXPECT_EQ(flags(), "none none none");
}

TEST_F(Mark, WithoutPermissionNothingIsBegun) {
  if (!root_.is_reachable_by_nobody()) GTEST_SKIP() << "the program cannot be run by others";
  const std::string before = root_.picture();
  const auto outcome = root_.run_as_nobody({"-mys", "libm.so.1"});
  EXPECT_EQ(outcome.err, "revdep-pax: cannot lock " + root_.file("/run/revdep-pax.lock") + ": Permission denied\n");
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(root_.picture(), before);
}

class Prompt : public Mark {};

constexpr const char* block =
    "libm.so.1|/usr/lib64/libm.so.1 :X86_64 ( --m-- )\n"
    "|/opt/c ( **** )\n|/usr/bin/a ( **** )\n|/usr/bin/b ( **** )\n\n";
const std::string ask_a = "Set flags for /usr/bin/a (y/n): ";
const std::string ask_b = "Set flags for /usr/bin/b (y/n): ";
const std::string ask_c = "Set flags for /opt/c (y/n): ";

TEST_F(Prompt, AsksForEachFileAndMarksWhereTheAnswerIsYes) {
  const auto outcome = root_.run_on_terminal({"-ms", "libm.so.1"}, "y\nn\nY\n");
  EXPECT_EQ(flags(), "none em em");
  EXPECT_EQ(outcome.out, tabs(block) + ask_c + ask_a + ask_b +
                             "2 marked, 0 already right, 0 withdrawn, 0 refused to change, 0 failed, 1 declined\n");
  EXPECT_EQ(outcome.status, 1);
}

TEST_F(Prompt, AIsYesToAllThatFollow) {
  const auto outcome = root_.run_on_terminal({"-ms", "libm.so.1"}, "n\na\n");
  EXPECT_EQ(flags(), "em em none");
  EXPECT_EQ(outcome.out, tabs(block) + ask_c + ask_a +
                             "2 marked, 0 already right, 0 withdrawn, 0 refused to change, 0 failed, 1 declined\n");
}

TEST_F(Prompt, QIsNoToAllThatFollow) {
  const auto outcome = root_.run_on_terminal({"-ms", "libm.so.1"}, "y\nq\n");
  EXPECT_EQ(flags(), "none none em");
  EXPECT_EQ(outcome.out, tabs(block) + ask_c + ask_a +
                             "1 marked, 0 already right, 0 withdrawn, 0 refused to change, 0 failed, 2 declined\n");
  EXPECT_EQ(outcome.status, 1);
}

TEST_F(Prompt, TheEndOfTheInputIsQ) {
  const auto outcome = root_.run_on_terminal({"-ms", "libm.so.1"}, "\x04");
  EXPECT_EQ(flags(), "none none none");
  EXPECT_EQ(outcome.status, 1);
}

TEST_F(Prompt, AnythingElseIsAskedAgain) {
  const auto outcome = root_.run_on_terminal({"-ms", "libm.so.1"}, "yes\n\nn\nn\nn\n");
  EXPECT_EQ(flags(), "none none none");
  EXPECT_EQ(outcome.out, tabs(block) + ask_c + ask_c + ask_c + ask_a + ask_b +
                             "0 marked, 0 already right, 0 withdrawn, 0 refused to change, 0 failed, 3 declined\n");
}

TEST_F(Prompt, AsksOnceForAFileWithTwoNames) {
  std::filesystem::remove(root_.file("/usr/bin/b"));
  std::filesystem::create_hard_link(root_.file("/usr/bin/a"), root_.file("/usr/bin/b"));
  const auto outcome = root_.run_on_terminal({"-ms", "libm.so.1"}, "n\nn\ny\n");
  EXPECT_EQ(flags(), "none none none");
  EXPECT_EQ(outcome.out, tabs(block) + ask_c + ask_a +
                             "0 marked, 0 already right, 0 withdrawn, 0 refused to change, 0 failed, 2 declined\n");
}

TEST_F(Prompt, DoesNotAskWhereNothingWouldChange) {
  root_.run({"-mys", "libm.so.1"});
  const auto outcome = root_.run_on_terminal({"-ms", "libm.so.1"}, "");
  EXPECT_EQ(outcome.out.find("Set flags"), std::string::npos);
  EXPECT_EQ(outcome.status, 0);
}

}  // namespace
}  // namespace revdep::tool
