// --verdict, --set, --clear, --sync and --sync-all: single files by hand.
#include <gtest/gtest.h>

#include <filesystem>

#include "tools/marking_root.h"

namespace revdep::tool {
namespace {

using elf_builder::library;
using elf_builder::program;
using nlohmann::json;

class Verdict : public MarkingTest {};

TEST_F(Verdict, ShowsStoresVerdictAndReason) {
  root_.set_flags("/usr/bin/a", "em");
  const auto outcome = root_.run({"--verdict", "/usr/bin/a", "usr/bin/b"});
  EXPECT_EQ(outcome.out, tabs("/usr/bin/a\n|user.pax.flags em\n|PT_PAX none\n|verdict PemRs (the xattr decides)\n\n"
                              "/usr/bin/b\n|user.pax.flags none\n|PT_PAX none\n"
                              "|verdict PeMRs (no valid marking: defaults)\n\n"));
  EXPECT_EQ(outcome.status, 0);
}

TEST_F(Verdict, ARefusedFileIsExitOne) {
  root_.replace("/usr/bin/a", with_header(0x2800));
  root_.set_flags("/usr/bin/a", "em");
  const auto outcome = root_.run({"--verdict", "/usr/bin/a"});
  EXPECT_EQ(outcome.out, tabs("/usr/bin/a\n|user.pax.flags em\n|PT_PAX -e---\n"
                              "|verdict refused (header and xattr disagree: PeMRs and PemRs)\n\n"));
  EXPECT_EQ(outcome.status, 1);
}

TEST_F(Verdict, IsThatOfTheDeclaredKernel) {
  root_.replace("/usr/bin/a", with_header(0x2800));
  root_.set_flags("/usr/bin/a", "em");
  const auto one_store = root_.run({"--verdict", "/usr/bin/a", "--kernel", "header=no"});
  EXPECT_NE(one_store.out.find("verdict PemRs (the xattr decides; the header is not read by this kernel)"),
            std::string::npos)
      << one_store.out;
  EXPECT_EQ(one_store.status, 0);
  root_.set_flags("/usr/bin/b", "Pe");
  const auto soft = root_.run({"--verdict", "/usr/bin/b", "--kernel", "softmode=yes"});
  EXPECT_NE(soft.out.find("verdict Pemrs (the xattr decides)"), std::string::npos) << soft.out;
}

TEST_F(Verdict, JsonSaysTheSame) {
  root_.set_flags("/usr/bin/a", "p");
  const auto outcome = root_.run({"--verdict", "/usr/bin/a", "--format=json"});
  EXPECT_EQ(json::parse(outcome.out), json::parse(R"({"schema": 1, "kind": "verdict", "files": [
    {"path": "/usr/bin/a", "stores": {"xattr": "p", "header": null, "ei": 0}, "refused": true, "effective": null,
     "decided_by": "xattr", "reason": "EMUTRAMP and MPROTECT need PAGEEXEC or SEGMEXEC"}]})"));
  EXPECT_EQ(outcome.status, 1);
}

TEST_F(Verdict, WhatCannotBeReadIsNamedAndTheRestShown) {
  root_.write("/usr/bin/script", "#!/bin/sh\n");
  const auto outcome = root_.run({"--verdict", "/gone", "/usr/bin/script", "/usr/bin/a"});
  EXPECT_NE(outcome.out.find("/usr/bin/a\n"), std::string::npos);
  EXPECT_NE(outcome.err.find("cannot read " + root_.file("/gone") + ": No such file or directory\n"), std::string::npos)
      << outcome.err;
  EXPECT_NE(outcome.err.find(root_.file("/usr/bin/script")), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.status, 1);
}

TEST_F(Verdict, NeedsNoDatabaseAndNoRight) {
  const SmallRoot bare;
  EXPECT_EQ(bare.run({"--verdict", "/lib64/ld-linux-x86-64.so.2"}).status, 0);
  if (!root_.is_reachable_by_nobody()) GTEST_SKIP() << "the program cannot be run by others";
  EXPECT_EQ(root_.run_as_nobody({"--verdict", "/usr/bin/a"}).out, root_.run({"--verdict", "/usr/bin/a"}).out);
}

class ByHand : public MarkingTest {};

TEST_F(ByHand, SetGivesEveryFileTheLettersInAllItsStores) {
  root_.replace("/usr/bin/a", with_header(0x2800));
  root_.set_flags("/usr/bin/b", "r");
  EXPECT_EQ(brief(root_.run({"--set", "mPe", "/usr/bin/a", "usr/bin/b", "-y"})), summary(0, 2, 0));
  EXPECT_EQ(flags(), "Pem Pem none");
  EXPECT_EQ(root_.header("/usr/bin/a"), "0x2a10");
  EXPECT_EQ(brief(root_.run({"--set", "Pem", "/usr/bin/a", "/usr/bin/b", "-y"})), summary(0, 0, 2));
}

TEST_F(ByHand, SetGivesNoMoreThanTheLetters) {
  root_.run({"--set", "m", "/usr/bin/a", "-y"});
  EXPECT_EQ(root_.flags("/usr/bin/a"), "m");
}

TEST_F(ByHand, SetDoesNotSetWhatAKernelRefuses) {
  const std::string before = root_.picture();
  const auto outcome = root_.run({"--set", "p", "/usr/bin/a", "-p"});
  EXPECT_EQ(outcome.err, cannot_mark("/usr/bin/a",
                                     "a kernel would refuse to run it: EMUTRAMP and MPROTECT need "
                                     "PAGEEXEC or SEGMEXEC"));
  EXPECT_EQ(root_.picture(), before);
  EXPECT_EQ(brief(root_.run({"--set", "p", "/usr/bin/a", "-y"})), summary(1, 0, 0, 0, 1));
  EXPECT_EQ(brief(root_.run({"--set", "M", "/usr/bin/a", "-y"})), summary(1, 0, 0, 0, 1));  // in soft mode
  EXPECT_EQ(flags(), "none none none");
  EXPECT_EQ(brief(root_.run({"--set", "pem", "/usr/bin/a", "-y"})), summary(0, 1, 0));
}

TEST_F(ByHand, WhatWasSetIsAnAdminsWord) {
  root_.run({"--set", "PeM", "/usr/bin/a", "-y"});
  root_.run({"--set", "em", "/usr/bin/b", "-y"});
  migrate();
  EXPECT_EQ(flags(), "PeM em em");
  root_.remove_flags(jit);
  migrate();
  EXPECT_EQ(flags(), "PeM em none");
}

TEST_F(ByHand, WhatWasSetOnALibraryIsAskedFor) {
  root_.run({"--set", "er", "/usr/lib64/libplain.so.1", "-y"});
  migrate();
  EXPECT_EQ(root_.flags("/usr/bin/plain"), "er");
}

TEST_F(ByHand, WhatIsSetOverAMarkOfOursIsNoLongerOurs) {
  migrate();
  root_.run({"--set", "emr", "/usr/bin/a", "-y"});
  root_.remove_flags(jit);
  migrate();
  EXPECT_EQ(flags(), "emr none none");
}

TEST_F(ByHand, WhatIsSetAgainWhereItStandsIsNoLongerOursEither) {
  migrate();
  root_.run({"--set", "em", "/usr/bin/a", "-y"});
  root_.remove_flags(jit);
  migrate();
  EXPECT_EQ(flags(), "em none none");
}

TEST_F(ByHand, ClearRemovesTheXattrAndLeavesTheHeaderItsE) {
  root_.replace("/usr/bin/a", with_header(0x2a00));
  root_.set_flags("/usr/bin/a", "em");
  root_.set_flags("/usr/bin/b", "emr");
  EXPECT_EQ(brief(root_.run({"--clear", "/usr/bin/a", "/usr/bin/b", "/opt/c", "-y"})), summary(0, 2, 1));
  EXPECT_EQ(flags(), "none none none");
  EXPECT_EQ(root_.header("/usr/bin/a"), "0x2800");
}

TEST_F(ByHand, SyncCopiesTheHeaderToTheXattr) {
  root_.replace("/usr/bin/a", with_header(0x2a00));
  EXPECT_EQ(brief(root_.run({"--sync", "/usr/bin/a", "/usr/bin/b", "-y"})), summary(0, 1, 1));
  EXPECT_EQ(flags(), "em none none");
  EXPECT_EQ(root_.header("/usr/bin/a"), "0x2a00");
}

TEST_F(ByHand, SyncCopiesAnXattrToTheHeaderThatDisagrees) {
  root_.replace("/usr/bin/a", with_header(0x2800));
  root_.set_flags("/usr/bin/a", "em");
  EXPECT_EQ(root_.run({"--verdict", "/usr/bin/a"}).status, 1);
  EXPECT_EQ(brief(root_.run({"--sync", "/usr/bin/a", "-y"})), summary(0, 1, 0));
  EXPECT_EQ(root_.header("/usr/bin/a"), "0x2a00");
  EXPECT_EQ(root_.run({"--verdict", "/usr/bin/a"}).status, 0);
}

TEST_F(ByHand, SyncTakesTheHeaderWhereTheXattrIsMalformed) {
  root_.replace("/usr/bin/a", with_header(0x2a00));
  root_.set_flags("/usr/bin/a", "-em--");
  root_.run({"--sync", "/usr/bin/a", "-y"});
  EXPECT_EQ(root_.flags("/usr/bin/a"), "em");
}

TEST_F(ByHand, SyncAllDoesTheSameForEveryObject) {
  root_.replace("/usr/bin/a", with_header(0x2a00));
  root_.replace("/opt/c", with_header(0x2800));
  elf_builder::Object marked = library("libplain.so.1");
  marked.pax_flags = {0x8000};
  root_.replace("/usr/lib64/libplain.so.1", marked);
  EXPECT_EQ(brief(root_.run({"--sync-all", "-y", "--exclude=/opt/*"})), summary(0, 2, 1));
  EXPECT_EQ(flags(), "em none none");
  EXPECT_EQ(root_.flags("/usr/lib64/libplain.so.1"), "r");
  EXPECT_EQ(brief(root_.run({"--sync-all", "-y"})), summary(0, 1, 3));
  EXPECT_EQ(flags(), "em none e");
}

TEST_F(ByHand, AFileThatIsNotThereFailsAndTheRestIsDone) {
  root_.write("/usr/bin/script", "#!/bin/sh\n");
  const auto outcome = root_.run({"--set", "em", "/gone", "/usr/bin/script", "/usr/bin/a", "-y"});
  EXPECT_EQ(brief(outcome), summary(1, 1, 0, 0, 0, 2));
  EXPECT_NE(outcome.err.find(cannot_mark("/gone", "No such file or directory")), std::string::npos) << outcome.err;
  EXPECT_EQ(root_.flags("/usr/bin/a"), "em");
}

TEST_F(ByHand, AFileWithoutAStoreThatMayCarryFlagsIsRefused) {
  const auto outcome = root_.run({"--set", "em", "/usr/bin/a", "-y", "--markings=pt"});
  EXPECT_EQ(outcome.err, cannot_mark("/usr/bin/a", "it has no store that may carry flags"));
  EXPECT_EQ(brief(outcome), summary(1, 0, 0, 0, 1));
}

TEST_F(ByHand, AsksForEachFile) {
  const auto outcome = root_.run_on_terminal({"--set", "em", "/usr/bin/a", "/usr/bin/b", "/opt/c"}, "n\na\n");
  EXPECT_EQ(outcome.out,
            "Set flags for /usr/bin/a (y/n): Set flags for /usr/bin/b (y/n): "
            "2 marked, 0 already right, 0 withdrawn, 0 refused to change, 0 failed, 1 declined\n");
  EXPECT_EQ(flags(), "none em em");
}

TEST_F(ByHand, ASymlinkLeadsToItsFile) {
  std::filesystem::create_symlink("a", root_.file("/usr/bin/alias"));
  EXPECT_EQ(brief(root_.run({"--set", "em", "/usr/bin/alias", "-y"})), summary(0, 1, 0));
  EXPECT_EQ(root_.flags("/usr/bin/a"), "em");
}

}  // namespace
}  // namespace revdep::tool
