// The running kernel as procfs shows it, from directories made of the same files.
#include "engine/running_kernel.h"

#include <gtest/gtest.h>

#include "support/command.h"
#include "support/temp_dir.h"

namespace revdep::engine {
namespace {

class Proc : public testing::Test {
 protected:
  Proc() { write("self/status", "Name:\tcat\nPaX:\tPeMRs\nSeccomp:\t0\n"); }
  RunningKernel read() const { return read_running_kernel(directory_.path().string()); }
  void write(const char* name, const char* text) const { support::write_file(directory_ / name, text); }
  support::TempDir directory_;
};

TEST_F(Proc, ThePaxLineOfAProcessTells) {
  EXPECT_TRUE(read().has_pax);
  write("self/status", "Name:\tPaX:\nSeccomp:\t0\n");
  EXPECT_FALSE(read().has_pax);
}

TEST_F(Proc, SoftModeAndRandomizationAreSysctls) {
  EXPECT_FALSE(read().kernel.softmode);
  EXPECT_TRUE(read().kernel.randomize);
  write("sys/kernel/pax/softmode", "1\n");
  write("sys/kernel/randomize_va_space", "0\n");
  EXPECT_TRUE(read().kernel.softmode);
  EXPECT_FALSE(read().kernel.randomize);
  EXPECT_EQ(read().kernel, (pax::Kernel{.softmode = true, .randomize = false}));
  EXPECT_FALSE(read().shows_config);
}

TEST_F(Proc, WithoutPaxTheUsualHardenedKernelIsAssumed) {
  write("self/status", "Name:\tcat\n");
  write("sys/kernel/randomize_va_space", "0\n");
  EXPECT_EQ(read().kernel, pax::Kernel{});
}

TEST_F(Proc, TheProcessorTellsNxAndTheReleaseTheOldRules) {
  write("cpuinfo", "processor\t: 0\nflags\t\t: fpu lnx nxs\n");
  write("sys/kernel/osrelease", "3.11.9-hardened\n");
  EXPECT_EQ(read().kernel, (pax::Kernel{.nx = false, .up_to_3_11 = true}));
  write("cpuinfo", "processor\t: 0\nflags\t\t: fpu nx lm\n");
  write("sys/kernel/osrelease", "3.12.0\n");
  EXPECT_EQ(read().kernel, pax::Kernel{});
}

TEST_F(Proc, ConfigGzTellsWhatItReads) {
  write("config",
        "# CONFIG_PAX_PAGEEXEC is not set\nCONFIG_PAX_SEGMEXEC=y\nCONFIG_PAX_MPROTECT=y\n"
        "CONFIG_PAX_XATTR_PAX_FLAGS=y\nCONFIG_PAX_EMUTRAMP=m\n");
  ASSERT_EQ(support::run({"gzip", (directory_ / "config").string()}).status, 0);
  write("sys/kernel/pax/softmode", "1\n");
  EXPECT_TRUE(read().shows_config);
  EXPECT_EQ(read().kernel, (pax::Kernel{.pageexec = false,
                                        .segmexec = true,
                                        .emutramp = false,
                                        .randmmap = false,
                                        .reads_header = false,
                                        .softmode = true}));
}

TEST_F(Proc, ABrokenConfigGzTellsNothing) {
  write("config.gz", "\x1f\x8b broken");
  EXPECT_FALSE(read().shows_config);
  EXPECT_EQ(read().kernel, pax::Kernel{});
}

}  // namespace
}  // namespace revdep::engine
