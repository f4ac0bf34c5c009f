// What the vectors do not cover but for EI_PAX. The rules that the rows name are listed in verdict_rows.h.
#include "pax/verdict.h"

#include <gtest/gtest.h>

#include <string>

#include "pax/verdict_rows.h"

namespace revdep::pax {
namespace {

using namespace std::string_literals;

TEST(Verdict, Amd64HardMode) {
  const Row rows[] = {
      {"default", {}, "PeMRs"},
      {"hard: the empty xattr is valid", xattr(""), "PEMRs"},
      {"hard: p_flags 0 is valid", header(0), "PEMRs"},
      {"bits: RANDEXEC is ignored, so the old toolchain's default is e", header(0x2800), "PeMRs"},
      {"bits: both of RANDEXEC void nothing", header(on_x | off_x), "PEMRs"},
      {"bits: those without meaning are ignored", header(off_e | 0xFFFF0007U), "PeMRs"},
      {"hard: m alone switches E on", xattr("m"), "PEmRs"},
      {"hard", xattr("em"), "PemRs"},
      {"hard: enabling letters change nothing", xattr("PMRS"), "PEMRs"},
      {"differ: the trap", both(0x2800, "em"), "refused"},
      {"differ: the same set in other letters is no difference", both(off_e | on_p, "eMR"), "PeMRs"},
      {"differ: S is not configured", both(off_e | off_s, "eS"), "PeMRs"},
      {"needs: E and M stay on", xattr("p"), "refused"},
      {"needs: E stays on", xattr("pm"), "refused"},
      {"needs: M stays on", header(off_p | off_e), "refused"},
      {"needs: S does not help where it is not configured", xattr("pS"), "refused"},
      {"needs: nothing is left to need it", xattr("pem"), "pemRs"},
  };
  expect_all(amd64, rows);
}

TEST(Verdict, Amd64SoftMode) {
  const Row rows[] = {
      {"default", {}, "pemrs"},
      {"soft: disabling letters change nothing", both(0x2800, "em"), "pemrs"},
      {"soft", xattr("PM"), "PeMrs"},
      {"soft: E counts with P", xattr("PE"), "PEmrs"},
      {"soft: E does not count alone", xattr("ER"), "pemRs"},
      {"soft: S is not configured, so E does not count", xattr("SE"), "pemrs"},
      {"needs", xattr("M"), "refused"},
      {"needs: S does not help where it is not configured", xattr("SM"), "refused"},
      {"differ: E counts in one only", both(on_e, "PE"), "refused"},
      {"differ: E counts in neither", both(on_e, ""), "pemrs"},
      {"soft: em in both switches nothing on", both(0x2800 | off_m, "em"), "pemrs"},
      {"soft: upper-case letters switch on", both(on_p | off_e | off_m | on_r | off_s, "PemRs"), "PemRs"},
  };
  expect_all({.softmode = true}, rows);
}

TEST(Verdict, VoidStoresDoNotCount) {
  const Row rows[] = {
      {"void: unknown byte", xattr("-em--"), "PeMRs"},
      {"void: NUL", xattr("em\0"s), "PeMRs"},
      {"void: newline", xattr("em\n"), "PeMRs"},
      {"void: the same letter twice", xattr("mm"), "PeMRs"},
      {"void: both cases", xattr("mM"), "PeMRs"},
      {"void: longer than five", xattr("pemrsp"), "PeMRs"},
      {"first: the header counts", both(off_m | off_e, "m-"), "PemRs"},
      {"both", header(on_m | off_m), "PeMRs"},
      {"both: S on amd64 as well", header(on_s | off_s | off_e | off_m), "PeMRs"},
      {"first: the xattr counts", both(on_p | off_p, "em"), "PemRs"},
      {"default: neither counts", both(on_r | off_r, "x"), "PeMRs"},
  };
  expect_all(amd64, rows);
}

TEST(Verdict, AStoreThatTheKernelDoesNotReadDoesNotCount) {
  const Row by_xattr[] = {
      {"first", both(0x2800, "em"), "PemRs"},
      {"default", header(off_m), "PeMRs"},
  };
  expect_all({.reads_header = false}, by_xattr);
  const Row by_header[] = {
      {"first", both(0x2800, "em"), "PeMRs"},
      {"default", xattr("m"), "PeMRs"},
  };
  expect_all({.reads_xattr = false}, by_header);
  const Row by_none[] = {{"default", both(off_m, "em"), "PeMRs"}};
  expect_all({.reads_header = false, .reads_xattr = false}, by_none);
}

TEST(Verdict, I386WithNx) {
  const Row rows[] = {
      {"default, nx", {}, "PeMRs"},
      {"hard, nx", xattr(""), "PEMRs"},
      {"hard: p alone leaves S on", xattr("p"), "pEMRS"},
      {"hard", xattr("pe"), "peMRS"},
      {"hard: s alone leaves P on", xattr("s"), "PEMRs"},
      {"needs: E and M", xattr("ps"), "refused"},
      {"needs: M", header(off_p | off_s | off_e), "refused"},
      {"needs: E", xattr("psm"), "refused"},
      {"needs: nothing", xattr("psem"), "pemRs"},
      {"differ comes before nx, though both end as PeMRs", both(off_e, "es"), "refused"},
      {"differ: no difference, nx", both(off_e, "eS"), "PeMRs"},
      {"both", header(on_s | off_s), "PeMRs"},
  };
  expect_all(i386_nx, rows);
}

TEST(Verdict, I386WithoutNx) {
  const Row rows[] = {
      {"default, nx", {}, "peMRS"},
      {"hard, nx", xattr(""), "pEMRS"},
      {"hard", xattr("p"), "pEMRS"},
      {"hard: s alone leaves P on", xattr("s"), "PEMRs"},
      {"needs", xattr("ps"), "refused"},
      {"needs: nothing", xattr("psem"), "pemRs"},
      {"differ comes before nx, though both end as peMRS", both(off_e, "ep"), "refused"},
      {"differ comes before nx: P is on in neither, S in one", both(off_e | off_p, "eps"), "refused"},
  };
  expect_all(i386_no_nx, rows);
}

TEST(Verdict, I386SoftMode) {
  const Row with_nx[] = {
      {"default", {}, "pemrs"},
      {"soft, nx", xattr("PS"), "Pemrs"},
      {"soft: M stands on S", xattr("SM"), "peMrS"},
      {"soft: E counts with S", xattr("SE"), "pEmrS"},
      {"soft: E does not count alone", xattr("E"), "pemrs"},
      {"needs", xattr("MR"), "refused"},
      {"differ comes before nx", both(on_p, "PS"), "refused"},
      {"soft, nx: no difference", both(on_p | on_s | on_m, "PSM"), "PeMrs"},
  };
  expect_all({.segmexec = true, .softmode = true}, with_nx);
  const Row without_nx[] = {
      {"soft, nx", xattr("PS"), "pemrS"},
      {"soft, nx", xattr("PSEMR"), "pEMRS"},
      {"soft: nothing to exclude", xattr("PM"), "PeMrs"},
  };
  expect_all({.segmexec = true, .softmode = true, .nx = false}, without_nx);
}

TEST(Verdict, I386WithSegmexecOnly) {
  const Row rows[] = {
      {"default: nothing to exclude, NX or not", {}, "peMRS"},
      {"hard", xattr("e"), "peMRS"},
      {"needs", xattr("s"), "refused"},
      {"needs: P does not help where it is not configured", xattr("Ps"), "refused"},
      {"needs: nothing", xattr("ems"), "pemRs"},
      {"differ: P is not configured", both(off_e | off_p, "eP"), "peMRS"},
  };
  expect_all({.pageexec = false, .segmexec = true}, rows);
  expect_all({.pageexec = false, .segmexec = true, .nx = false}, rows);
}

TEST(Verdict, ConfiguredIsTheSetBeforePageexecAndSegmexecExcludeEachOther) {
  const auto configured = [](const Stores& stores, const Kernel& kernel) {
    return format_effective(judge(stores, kernel).configured);
  };
  EXPECT_EQ(configured({}, amd64), "PeMRs");
  EXPECT_EQ(configured(xattr("em"), amd64), "PemRs");
  EXPECT_EQ(configured({}, i386_nx), "PeMRS");
  EXPECT_EQ(configured({}, i386_no_nx), "PeMRS");
  EXPECT_EQ(configured(xattr("s"), i386_nx), "PEMRs");
  EXPECT_EQ(configured(xattr("p"), i386_no_nx), "pEMRS");
  EXPECT_EQ(configured(xattr("PS"), {.segmexec = true, .softmode = true}), "PemrS");
}

TEST(Verdict, WithoutEmutramp) {
  const Row rows[] = {
      {"default", {}, "PeMRs"},
      {"hard: E is not configured", xattr(""), "PeMRs"},
      {"hard: E is not configured", xattr("E"), "PeMRs"},
      {"needs: only M needs it", xattr("p"), "refused"},
      {"needs: nothing", xattr("pm"), "pemRs"},
      {"differ: E is not configured", both(off_e, "E"), "PeMRs"},
      {"differ: M still is", both(0x2800, "em"), "refused"},
  };
  expect_all({.emutramp = false}, rows);
  const Row soft[] = {{"soft: E is not configured", xattr("PE"), "Pemrs"},
                      {"differ: E is not configured", both(on_p, "PE"), "Pemrs"}};
  expect_all({.emutramp = false, .softmode = true}, soft);
}

TEST(Verdict, WithoutMprotect) {
  const Row rows[] = {
      {"default", {}, "PemRs"},
      {"hard", xattr("M"), "PEmRs"},
      {"needs: E", xattr("p"), "refused"},
      {"needs: nothing", xattr("pe"), "pemRs"},
      {"differ: M is not configured", both(0x2800, "em"), "PemRs"},
  };
  expect_all({.mprotect = false}, rows);
  const Row soft[] = {{"soft, needs: M is not configured", xattr("M"), "pemrs"}};
  expect_all({.mprotect = false, .softmode = true}, soft);
  const Row neither[] = {{"needs: nothing", xattr("p"), "pemRs"}};
  expect_all({.emutramp = false, .mprotect = false}, neither);
}

TEST(Verdict, WithoutRandmmap) {
  const Row rows[] = {
      {"default", {}, "PeMrs"},
      {"hard", xattr("eR"), "PeMrs"},
      {"differ: R is not configured", both(off_r | off_e, "e"), "PeMrs"},
      {"ei: no R either", ei(0), "PeMrs"},
  };
  expect_all({.randmmap = false}, rows);
  expect_all({.randmmap = false, .reads_ei = true}, rows);
}

TEST(Verdict, RandomizeVaSpaceZeroForcesRandmmapOffEverywhere) {
  const Row rows[] = {
      {"aslr: defaults", {}, "PeMrs"},
      {"aslr: xattr", xattr("eR"), "PeMrs"},
      {"aslr: header", header(off_e | on_r), "PeMrs"},
      {"aslr: R is no difference", both(off_r | off_e, "eR"), "PeMrs"},
      {"aslr: other letters are", both(off_r | off_e, "emR"), "refused"},
  };
  expect_all({.randomize = false}, rows);
  const Row by_ei[] = {{"aslr: EI", ei(4), "Pemrs"}};
  expect_all({.reads_ei = true, .randomize = false}, by_ei);
  const Row soft[] = {{"aslr: xattr", xattr("PR"), "Pemrs"}, {"aslr: header", header(on_r), "pemrs"}};
  expect_all({.softmode = true, .randomize = false}, soft);
  const Row old_soft[] = {{"aslr, old: defaults", {}, "PeMrs"}};
  expect_all({.softmode = true, .randomize = false, .up_to_3_11 = true}, old_soft);
}

TEST(Verdict, KernelsUpTo311InHardMode) {
  const Row rows[] = {
      {"default", {}, "PeMRs"},
      {"old: the empty xattr does not count", xattr(""), "PeMRs"},
      {"old, first: the header counts, nothing to differ from", both(off_m, ""), "PEmRs"},
      {"hard: p_flags 0 is valid as ever", both(0, ""), "PEMRs"},
      {"differ: as ever", both(0x2800, "em"), "refused"},
      {"hard: as ever", xattr("m"), "PEmRs"},
  };
  expect_all({.up_to_3_11 = true}, rows);
  const Row later[] = {{"differ: the empty xattr counts since", both(off_m, ""), "refused"}};
  expect_all(amd64, later);
  const Row with_ei[] = {{"old, first: EI counts", xattr("", 4), "PemRs"}};
  expect_all({.reads_ei = true, .up_to_3_11 = true}, with_ei);
}

TEST(Verdict, KernelsUpTo311InSoftMode) {
  const Row rows[] = {
      {"old: defaults of hard mode", {}, "PeMRs"},
      {"old: the empty xattr does not count", xattr(""), "PeMRs"},
      {"old: void ones do not either", both(on_p | off_p, "mm"), "PeMRs"},
      {"soft: p_flags 0 is a marking", header(0), "pemrs"},
      {"soft", xattr("e"), "pemrs"},
      {"soft", xattr("PR"), "PemRs"},
  };
  expect_all({.softmode = true, .up_to_3_11 = true}, rows);
  const Row i386[] = {{"old, nx", {}, "peMRS"}};
  expect_all({.segmexec = true, .softmode = true, .nx = false, .up_to_3_11 = true}, i386);
}

struct Explained {
  Stores stores;
  Kernel kernel;
  bool refused = false;
  Store source = Store::none;
  const char* reason = nullptr;
};

TEST(Verdict, SaysWhichStoreDecidesOrWhyTheFileIsRefusedAndWhatDidNotCount) {
  const Kernel reads_ei = {.reads_ei = true};
  const Explained rows[] = {
      {{}, amd64, false, Store::none, "no valid marking: defaults"},
      {xattr("em"), amd64, false, Store::xattr, "the xattr decides"},
      {header(0x2800), amd64, false, Store::header, "the header decides"},
      {ei(0), reads_ei, false, Store::ei, "EI_PAX decides"},
      {both(0x2800, "eS"), amd64, false, Store::xattr, "the xattr decides, the header agrees"},
      {both(0x2800, "em"), amd64, true, Store::none, "header and xattr disagree: PeMRs and PemRs"},
      {both(off_e, "es"), i386_nx, true, Store::none, "header and xattr disagree: PeMRS and PeMRs"},
      {xattr("p"), amd64, true, Store::xattr, "EMUTRAMP and MPROTECT need PAGEEXEC or SEGMEXEC"},
      {header(off_p | off_e), amd64, true, Store::header, "MPROTECT needs PAGEEXEC or SEGMEXEC"},
      {xattr("pm"), amd64, true, Store::xattr, "EMUTRAMP needs PAGEEXEC or SEGMEXEC"},
      {xattr("mm"), amd64, false, Store::none, "no valid marking: defaults; the xattr is malformed and ignored"},
      {both(0x2800, "mm"), amd64, false, Store::header, "the header decides; the xattr is malformed and ignored"},
      {both(on_p | off_p, "em"), amd64, false, Store::xattr,
       "the xattr decides; the header contradicts itself and is ignored"},
      {both(on_p | off_p, "p"), amd64, true, Store::xattr,
       "EMUTRAMP and MPROTECT need PAGEEXEC or SEGMEXEC; the header contradicts itself and is ignored"},
      {both(on_p | off_p, "x"), amd64, false, Store::none,
       "no valid marking: defaults; the xattr is malformed and ignored; the header contradicts itself and is ignored"},
      {both(0x2800, "em"),
       {.reads_header = false},
       false,
       Store::xattr,
       "the xattr decides; the header is not read by this kernel"},
      {both(0x2800, "em"),
       {.reads_xattr = false},
       false,
       Store::header,
       "the header decides; the xattr is not read by this kernel"},
      {both(0x2800, ""),
       {.up_to_3_11 = true},
       false,
       Store::header,
       "the header decides; the xattr is empty and ignored"},
      {xattr("em", 4), reads_ei, false, Store::xattr, "the xattr decides; EI_PAX is overridden"},
      {xattr("em", 0), reads_ei, false, Store::xattr, "the xattr decides"},
      {xattr("mm", 4), reads_ei, false, Store::ei, "EI_PAX decides; the xattr is malformed and ignored"},
      {ei(4),
       {.reads_ei = true, .softmode = true},
       false,
       Store::none,
       "no valid marking: defaults; EI_PAX is ignored in soft mode"},
      {ei(4), amd64, false, Store::none, "no valid marking: defaults; EI_PAX is not read by this kernel"},
  };
  for (const Explained& row : rows) {
    const Verdict verdict = judge(row.stores, row.kernel);
    EXPECT_EQ(verdict.reason, row.reason);
    EXPECT_EQ(verdict.refused, row.refused) << row.reason;
    EXPECT_EQ(verdict.source, row.source) << row.reason;
  }
}

TEST(FormatEffective, IsAsProcStatusShowsIt) {
  Effective set;
  EXPECT_EQ(format_effective(set), "pemrs");
  set.set(Letter::M, true);
  set.set(Letter::S, true);
  EXPECT_EQ(format_effective(set), "peMrS");
}

}  // namespace
}  // namespace revdep::pax
