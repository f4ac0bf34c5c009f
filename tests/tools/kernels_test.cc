// Stores, kernels and what may be made: which bytes a migration leaves in the xattr and in the header.
#include <gtest/gtest.h>

#include "tools/marking_root.h"

namespace revdep::tool {
namespace {

constexpr const char* no_store = "it has no store that the kernel reads, and none may be made";

class Stores : public MarkingTest {
 protected:
  // Xattr and header of /usr/bin/a.
  std::string stores() const { return root_.flags("/usr/bin/a") + " " + root_.header("/usr/bin/a"); }
};

// p_flags: e is 0x2000, E 0x1000, m 0x200, M 0x100, r 0x8000; 0x800 is RANDEXEC and no letter.

TEST_F(Stores, AHeaderAndAFirstXattrAreInStep) {
  root_.replace("/usr/bin/a", with_header(0x2800));
  EXPECT_EQ(brief(migrate()), summary(0, 3, 0));
  EXPECT_EQ(stores(), "em 0x2a00");
  EXPECT_EQ(brief(migrate()), summary(0, 0, 3));
}

TEST_F(Stores, PtMakesNoXattr) {
  root_.replace("/usr/bin/a", with_header(0x2800));
  const auto outcome = migrate({"--markings", "pt"});
  EXPECT_EQ(brief(outcome), summary(1, 1, 0, 0, 2));
  EXPECT_EQ(stores(), "none 0x2a00");
  EXPECT_EQ(flags(), "none none none");
  EXPECT_EQ(outcome.err, cannot_mark("/opt/c", no_store) + cannot_mark("/usr/bin/b", no_store));
}

TEST_F(Stores, AnXattrThatIsThereIsKeptInStepEvenForPt) {
  root_.replace("/usr/bin/a", with_header(0x2000));
  root_.set_flags("/usr/bin/a", "e");
  migrate({"--markings", "pt"});
  EXPECT_EQ(stores(), "em 0x2200");
}

TEST_F(Stores, AKernelThatReadsNoXattrGetsNone) {
  root_.replace("/usr/bin/a", with_header(0x2800));
  EXPECT_EQ(brief(migrate({"--kernel", "xattr=no"})), summary(1, 1, 0, 0, 2));
  EXPECT_EQ(stores(), "none 0x2a00");
  EXPECT_EQ(flags(), "none none none");
}

TEST_F(Stores, AKernelThatReadsNoHeaderStillFindsItInStep) {
  root_.replace("/usr/bin/a", with_header(0x2800));
  EXPECT_EQ(brief(migrate({"--kernel", "header=no"})), summary(0, 3, 0));
  EXPECT_EQ(stores(), "em 0x2a00");
}

TEST_F(Stores, PortagesPaxMarkingsSayWhatMayBeMade) {
  root_.write("/etc/portage/make.conf", "USE=\"x\"\nPAX_MARKINGS=\"PT\"\n");
  EXPECT_EQ(brief(migrate()), summary(1, 0, 0, 0, 3));
  EXPECT_EQ(flags(), "none none none");
  root_.write("/etc/portage/make.conf", "PAX_MARKINGS=\"XT\"\n");
  EXPECT_EQ(brief(migrate()), summary(0, 3, 0));
}

TEST_F(Stores, PaxMarkingsMayStandInADirectory) {
  root_.write("/etc/portage/make.conf/00-first", "PAX_MARKINGS=\"XT\"\n");
  root_.write("/etc/portage/make.conf/10-pax", "PAX_MARKINGS=\"none\"\n");
  EXPECT_EQ(brief(migrate()), summary(1, 0, 0, 0, 3));
  EXPECT_EQ(brief(migrate({"--markings=xattr"})), summary(0, 3, 0));  // the command line wins
}

TEST_F(Stores, TheToolchainsDefaultHeaderIsNoOnesWordForE) {
  root_.set_flags(jit, "E");
  root_.replace("/usr/bin/a", with_header(0x2800));
  const auto outcome = migrate();
  EXPECT_EQ(brief(outcome), summary(0, 3, 0));
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(stores(), "E 0x1800");
}

TEST_F(Stores, ItStaysNoOnesWordOnceWeTookOurMarkBack) {
  root_.replace("/usr/bin/a", with_header(0x2800));
  migrate();
  root_.remove_flags(jit);
  migrate();
  ASSERT_EQ(root_.header("/usr/bin/a"), "0x2800");
  root_.set_flags(jit, "E");
  EXPECT_EQ(migrate().err, "");
  EXPECT_EQ(stores(), "E 0x1800");
}

TEST_F(Stores, AnotherHeaderWithEIsAnAdminsWord) {
  root_.set_flags(jit, "E");
  root_.replace("/usr/bin/a", with_header(0x2000));
  const auto outcome = migrate();
  EXPECT_EQ(brief(outcome), summary(1, 2, 0, 0, 1));
  EXPECT_EQ(outcome.err, "Warning: /usr/bin/a has e, refusing to set to E\n" +
                             cannot_mark("/usr/bin/a", "its own letters contradict"));
  EXPECT_EQ(stores(), "none 0x2000");
  EXPECT_EQ(brief(migrate({"--force"})), summary(0, 1, 2));
  EXPECT_EQ(stores(), "E 0x1000");
}

TEST_F(Stores, AVoidXattrIsReplacedAndThatIsSaid) {
  root_.set_flags("/usr/bin/a", "-em--");
  const auto outcome = migrate();
  EXPECT_EQ(brief(outcome), summary(0, 3, 0));
  EXPECT_EQ(outcome.err, "/usr/bin/a had a malformed marking, which was replaced\n");
  EXPECT_EQ(flags(), "em em em");
}

TEST_F(Stores, AVoidHeaderIsReplacedAndThatIsSaid) {
  root_.replace("/usr/bin/a", with_header(0x30));  // P and p
  const auto outcome = migrate();
  EXPECT_EQ(outcome.err, "/usr/bin/a had a malformed marking, which was replaced\n");
  EXPECT_EQ(stores(), "em 0x2200");
}

TEST_F(Stores, AVoidStoreOfAFileThatIsNotTouchedStays) {
  root_.set_flags("/usr/bin/plain", "-em--");
  EXPECT_EQ(migrate().err, "");
  EXPECT_EQ(root_.flags("/usr/bin/plain"), "-em--");
}

TEST_F(Stores, AFileThatKernelsRefuseIsMendedWhenItIsTouched) {
  root_.set_flags(jit, "mr");
  root_.replace("/usr/bin/a", with_header(0x2800));
  root_.set_flags("/usr/bin/a", "em");  // the trap: header and xattr disagree
  const auto outcome = migrate();
  EXPECT_EQ(outcome.err, "/usr/bin/a was refused by a kernel as it was: mended\n");
  EXPECT_EQ(stores(), "emr 0xaa00");
  EXPECT_EQ(brief(outcome), summary(0, 3, 0));
}

TEST_F(Stores, ItIsMendedEvenWhereTheXattrHasAllThatIsAsked) {
  root_.replace("/usr/bin/a", with_header(0x2800));
  root_.set_flags("/usr/bin/a", "em");
  const auto outcome = migrate();
  EXPECT_EQ(outcome.err, "/usr/bin/a was refused by a kernel as it was: mended\n");
  EXPECT_EQ(stores(), "em 0x2a00");
  EXPECT_EQ(brief(outcome), summary(0, 3, 0));
}

TEST_F(Stores, AnEiByteIsReportedWhileTheKernelIsUnknown) {
  root_.replace("/usr/bin/a", with_ei(8));  // RANDMMAP off
  const auto outcome = migrate();
  EXPECT_EQ(brief(outcome), summary(1, 2, 0, 0, 1));
  EXPECT_EQ(outcome.err,
            cannot_mark("/usr/bin/a", "its EI_PAX byte is set, and whether the kernel reads it is unknown"));
  EXPECT_EQ(flags(), "none em em");
}

TEST_F(Stores, AFirstMarkingTakesOverWhatItHidesOfTheEiByte) {
  root_.replace("/usr/bin/a", with_ei(8));
  EXPECT_EQ(brief(migrate({"--kernel", "ei=yes"})), summary(0, 3, 0));
  EXPECT_EQ(flags(), "emr em em");
}

TEST_F(Stores, AnEiByteThatIsNotReadSaysNothing) {
  root_.replace("/usr/bin/a", with_ei(8));
  EXPECT_EQ(brief(migrate({"--kernel", "ei=no"})), summary(0, 3, 0));
  EXPECT_EQ(flags(), "em em em");
}

TEST_F(Stores, AKernelWithoutEmutrampIsAskedForNone) {
  root_.set_flags(jit, "E");
  EXPECT_EQ(brief(migrate({"--kernel", "emutramp=no"})), summary(0, 0, 3));
  EXPECT_EQ(flags(), "none none none");
}

TEST_F(Stores, ABadKernelIsAUsageError) {
  const std::string before = root_.picture();
  const auto outcome = migrate({"--kernel", "mprotekt=yes"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_NE(outcome.err.find("unknown key 'mprotekt'"), std::string::npos) << outcome.err;
  EXPECT_EQ(root_.picture(), before);
}

}  // namespace
}  // namespace revdep::tool
