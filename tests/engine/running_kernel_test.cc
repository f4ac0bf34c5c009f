// The running kernel as procfs shows it, from directories made of the same files.
#include "engine/running_kernel.h"

#include <gtest/gtest.h>

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
  EXPECT_FALSE(read().softmode);
  EXPECT_TRUE(read().randomize);
  write("sys/kernel/pax/softmode", "1\n");
  write("sys/kernel/randomize_va_space", "0\n");
  EXPECT_TRUE(read().softmode);
  EXPECT_FALSE(read().randomize);
  EXPECT_EQ(assume_kernel(read()), (pax::Kernel{.softmode = true, .randomize = false}));
}

TEST_F(Proc, WithoutPaxTheUsualHardenedKernelIsAssumed) {
  write("self/status", "Name:\tcat\n");
  write("sys/kernel/randomize_va_space", "0\n");
  EXPECT_EQ(assume_kernel(read()), pax::Kernel{});
}

}  // namespace
}  // namespace revdep::engine
