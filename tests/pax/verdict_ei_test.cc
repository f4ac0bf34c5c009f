// EI_PAX, which no vector covers. The rules that the rows name are listed in verdict_rows.h.
#include <gtest/gtest.h>

#include "pax/verdict.h"
#include "pax/verdict_rows.h"

namespace revdep::pax {
namespace {

TEST(Verdict, EiOnAmd64) {
  const Row rows[] = {
      {"ei: 0 is valid", ei(0), "PeMRs"},
      {"ei: S is not configured, so M falls with P", ei(1), "pemRs"},
      {"ei: E-on", ei(2), "PEMRs"},
      {"ei: E falls with P", ei(1 | 2), "pemRs"},
      {"ei: M-off", ei(4), "PemRs"},
      {"ei: E-on, M-off", ei(2 | 4), "PEmRs"},
      {"ei: R-off", ei(8), "PeMrs"},
      {"ei: bits without meaning", ei(16 | 64 | 128), "PeMRs"},
      {"ei: S-off", ei(32), "PeMRs"},
      {"ei: all", ei(255), "pemrs"},
      {"first: the xattr hides EI", xattr("e", 4), "PeMRs"},
      {"first: the empty xattr too, and hard", xattr("", 4 | 8), "PEMRs"},
      {"first: the header hides EI", header(0x2800, 4), "PeMRs"},
      {"first: void ones do not", both(on_p | off_p, "mm", 4), "PemRs"},
      {"differ: EI is not compared", both(off_e | off_m, "em", 2), "PemRs"},
      {"differ: EI does not step in", both(0x2800, "em", 4), "refused"},
      {"needs: EI does not step in", xattr("p", 1), "refused"},
  };
  expect_all({.reads_ei = true}, rows);
}

TEST(Verdict, EiOnI386) {
  const Row with_nx[] = {
      {"ei, nx", ei(0), "PeMRs"},
      {"ei: M stands on S", ei(1), "peMRS"},
      {"ei: E stands on S", ei(1 | 2), "pEMRS"},
      {"ei", ei(1 | 4), "pemRS"},
      {"ei: S-off", ei(32), "PeMRs"},
      {"ei: E and M fall with P and S", ei(1 | 2 | 32), "pemRs"},
      {"ei", ei(1 | 8 | 32), "pemrs"},
  };
  expect_all({.segmexec = true, .reads_ei = true}, with_nx);
  const Row without_nx[] = {{"ei, nx", ei(0), "peMRS"}, {"ei: nothing to exclude", ei(32), "PeMRs"}};
  expect_all({.segmexec = true, .reads_ei = true, .nx = false}, without_nx);
  const Row segmexec_only[] = {{"ei: P-off says nothing, S is on", ei(1), "peMRS"},
                               {"ei: P is not configured, so M falls with S", ei(2 | 32), "pemRs"}};
  expect_all({.pageexec = false, .segmexec = true, .reads_ei = true}, segmexec_only);
}

TEST(Verdict, EiTakesOnlyWhatIsConfigured) {
  const Row no_emutramp[] = {{"ei: E is not configured", ei(2), "PeMRs"}};
  expect_all({.emutramp = false, .reads_ei = true}, no_emutramp);
  const Row no_mprotect[] = {{"ei: M is not configured", ei(2), "PEmRs"}};
  expect_all({.mprotect = false, .reads_ei = true}, no_mprotect);
}

TEST(Verdict, EiIsIgnoredInSoftModeAndByKernelsWithoutIt) {
  const Row soft[] = {{"ei, default", ei(0), "pemrs"},
                      {"ei, default", ei(2 | 8), "pemrs"},
                      {"first: the xattr counts", xattr("PM", 4), "PeMrs"}};
  expect_all({.reads_ei = true, .softmode = true}, soft);
  const Row old_soft[] = {{"ei, old", ei(4 | 8), "PeMRs"}};
  expect_all({.reads_ei = true, .softmode = true, .up_to_3_11 = true}, old_soft);
  const Row without[] = {{"default", ei(255), "PeMRs"}};
  expect_all(amd64, without);
}

TEST(Verdict, NoEiByteIsEverRefused) {
  for (const Kernel& kernel :
       {Kernel{.reads_ei = true}, Kernel{.segmexec = true, .reads_ei = true},
        Kernel{.pageexec = false, .segmexec = true, .reads_ei = true}, Kernel{.emutramp = false, .reads_ei = true}}) {
    for (unsigned byte = 0; byte < 256; ++byte) {
      const Verdict verdict = judge(ei(static_cast<std::uint8_t>(byte)), kernel);
      EXPECT_FALSE(verdict.refused) << byte;
      EXPECT_EQ(verdict.source, Store::ei) << byte;
    }
  }
}

}  // namespace
}  // namespace revdep::pax
