// Expectations are worked out by hand from the kernel's rules: what a marking makes of P, E and M in hard mode (on unless
// off) and in soft mode (off unless on; E only with P), and that M or E without P is refused.
#include "pax/refusal.h"

#include <gtest/gtest.h>

namespace revdep::pax {
namespace {

bool refused(std::string_view value) { return refused_by_kernel(parse_letters(value).value()); }

TEST(RefusedByKernel, AMarkingThatLeavesPageexecAloneIsNot) {
  for (const char* const value : {"", "e", "E", "m", "em", "Em", "r", "s", "emr", "Er"})
    EXPECT_FALSE(refused(value)) << value;
}

TEST(RefusedByKernel, HardModePageexecOffNeedsEmutrampAndMprotectOff) {
  EXPECT_TRUE(refused("p"));    // E and M stay on
  EXPECT_TRUE(refused("pm"));   // E stays on
  EXPECT_TRUE(refused("pe"));   // M stays on
  EXPECT_TRUE(refused("pEm"));  // E on
  EXPECT_TRUE(refused("peM"));
  EXPECT_FALSE(refused("pem"));
  EXPECT_FALSE(refused("pemrs"));
}

TEST(RefusedByKernel, SoftModeMprotectOnNeedsPageexecOn) {
  EXPECT_TRUE(refused("M"));
  EXPECT_TRUE(refused("eM"));
  EXPECT_FALSE(refused("PM"));
  EXPECT_FALSE(refused("PEMRS"));
}

TEST(RefusedByKernel, SoftModeTakesEmutrampOnlyWithPageexec) { EXPECT_FALSE(refused("Em")); }

TEST(RefusedByKernel, SegmexecDoesNotStandInForPageexec) {
  EXPECT_TRUE(refused("pS"));
  EXPECT_TRUE(refused("pmS"));
  EXPECT_TRUE(refused("SM"));
  EXPECT_FALSE(refused("pemS"));
}

}  // namespace
}  // namespace revdep::pax
