#include "pax/kernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace revdep::pax {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Kernel parsed(std::string_view text, Kernel base = {}) { return parse_kernel(text, base).value(); }

std::string error(std::string_view text) {
  const auto result = parse_kernel(text);
  return result.ok() ? "no error" : result.error().to_string();
}

TEST(ParseKernel, EmptyTextIsTheBase) {
  EXPECT_EQ(parsed(""), Kernel());
  EXPECT_EQ(parsed("", {.softmode = true}), Kernel{.softmode = true});
}

TEST(ParseKernel, EachKeySetsItsOwnMemberAndNoOther) {
  EXPECT_EQ(parsed("pageexec=no"), Kernel{.pageexec = false});
  EXPECT_EQ(parsed("segmexec=yes"), Kernel{.segmexec = true});
  EXPECT_EQ(parsed("emutramp=no"), Kernel{.emutramp = false});
  EXPECT_EQ(parsed("mprotect=no"), Kernel{.mprotect = false});
  EXPECT_EQ(parsed("randmmap=no"), Kernel{.randmmap = false});
  EXPECT_EQ(parsed("header=no"), Kernel{.reads_header = false});
  EXPECT_EQ(parsed("xattr=no"), Kernel{.reads_xattr = false});
  EXPECT_EQ(parsed("ei=yes"), Kernel{.reads_ei = true});
  EXPECT_EQ(parsed("softmode=yes"), Kernel{.softmode = true});
  EXPECT_EQ(parsed("nx=no"), Kernel{.nx = false});
  EXPECT_EQ(parsed("randomize=no"), Kernel{.randomize = false});
  EXPECT_EQ(parsed("up_to_3_11=yes"), Kernel{.up_to_3_11 = true});
}

TEST(ParseKernel, OneAndZeroAreYesAndNo) {
  EXPECT_EQ(parsed("softmode=1,xattr=0"), (Kernel{.reads_xattr = false, .softmode = true}));
  EXPECT_EQ(parsed("softmode=yes,xattr=no"), (Kernel{.reads_xattr = false, .softmode = true}));
}

TEST(ParseKernel, KeepsWhatTheTextDoesNotName) {
  const Kernel old_i386 = {.segmexec = true, .nx = false, .up_to_3_11 = true};
  EXPECT_EQ(parsed("nx=yes", old_i386), (Kernel{.segmexec = true, .up_to_3_11 = true}));
}

TEST(ParseKernel, UnknownKeysAreNamedWithTheKnownOnes) {
  EXPECT_THAT(error("softmode=yes,sofmode=no"), AllOf(HasSubstr("kernel description"), HasSubstr("'sofmode'"),
                                                      HasSubstr("pageexec, segmexec, emutramp, mprotect, randmmap, "
                                                                "header, xattr, ei, softmode, nx, randomize, "
                                                                "up_to_3_11")));
  EXPECT_THAT(error("reads_xattr=no"), HasSubstr("unknown key 'reads_xattr'"));
  EXPECT_THAT(error("NX=no"), HasSubstr("unknown key 'NX'"));
  EXPECT_THAT(error("nx=no, ei=yes"), HasSubstr("unknown key ' ei'"));
}

TEST(ParseKernel, UnknownValuesAreNamedWithTheirKeyAndTheKnownOnes) {
  for (const std::string value : {"", "maybe", "YES", "2", "yes ", "no=yes"}) {
    EXPECT_THAT(error("nx=yes,softmode=" + value),
                AllOf(HasSubstr("unknown value '" + value + "'"), HasSubstr("'softmode'"), HasSubstr("yes, no, 1, 0")));
  }
}

TEST(ParseKernel, AKeyWithoutAValueIsNamed) {
  EXPECT_THAT(error("softmode"), AllOf(HasSubstr("'softmode' has no value"), HasSubstr("yes, no, 1, 0")));
}

TEST(ParseKernel, EmptyItemsAreRefused) {
  for (const char* const text : {",", "nx=no,", ",nx=no", "nx=no,,ei=yes", "=yes"}) {
    EXPECT_THAT(error(text), HasSubstr("unknown key ''")) << text;
  }
}

TEST(ParseKernel, AKeyGivenTwiceIsRefusedEvenWithTheSameValue) {
  EXPECT_THAT(error("nx=no,ei=yes,nx=yes"), HasSubstr("'nx' is given twice"));
  EXPECT_THAT(error("nx=no,nx=no"), HasSubstr("'nx' is given twice"));
}

}  // namespace
}  // namespace revdep::pax
