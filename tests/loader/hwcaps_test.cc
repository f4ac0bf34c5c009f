// Subdirectories and their order; expectations are what LD_DEBUG=libs shows of glibc 2.36.
#include "loader/hwcaps.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/elf_builder.h"

namespace revdep::loader {
namespace {

using Strings = std::vector<std::string>;
constexpr HwcapsSupport current{.named = true, .legacy = false};
constexpr HwcapsSupport both{.named = true, .legacy = true};
constexpr HwcapsSupport old{.named = false, .legacy = true};
constexpr std::uint64_t tls_bit = std::uint64_t{1} << 63;

TEST(Hwcaps, NamedOnesGoFromTheStrongestDown) {
  const Hwcaps hwcaps = compute_hwcaps(elf_builder::x86_64, current, {.level = 3});
  EXPECT_EQ(hwcaps.names, (Strings{"x86-64-v3", "x86-64-v2"}));
  EXPECT_EQ(hwcaps.subdirectories, (Strings{"glibc-hwcaps/x86-64-v3", "glibc-hwcaps/x86-64-v2"}));
  EXPECT_EQ(hwcaps.platform, "x86_64");
  EXPECT_EQ(hwcaps.legacy_bits, 0U);
}

TEST(Hwcaps, BaselineHasNoNamedOnes) {
  EXPECT_TRUE(compute_hwcaps(elf_builder::x86_64, current, {.level = 1}).subdirectories.empty());
}

TEST(Hwcaps, LegacyOnesFollowTheNamedOnes) {
  const Hwcaps hwcaps = compute_hwcaps(elf_builder::x86_64, both, {.level = 2});
  EXPECT_EQ(hwcaps.subdirectories,
            (Strings{"glibc-hwcaps/x86-64-v2", "tls/x86_64/x86_64", "tls/x86_64", "tls", "x86_64/x86_64", "x86_64"}));
  EXPECT_EQ(hwcaps.legacy_bits, tls_bit | 2U);
}

TEST(Hwcaps, IntelPlatformReplacesTheKernels) {
  const Hwcaps hwcaps = compute_hwcaps(elf_builder::x86_64, old, {.level = 4, .haswell = true, .avx512_1 = true});
  EXPECT_TRUE(hwcaps.names.empty());
  EXPECT_EQ(hwcaps.platform, "haswell");
  EXPECT_EQ(hwcaps.subdirectories,
            (Strings{"tls/haswell/avx512_1/x86_64", "tls/haswell/avx512_1", "tls/haswell/x86_64", "tls/haswell",
                     "tls/avx512_1/x86_64", "tls/avx512_1", "tls/x86_64", "tls", "haswell/avx512_1/x86_64",
                     "haswell/avx512_1", "haswell/x86_64", "haswell", "avx512_1/x86_64", "avx512_1", "x86_64"}));
  EXPECT_EQ(hwcaps.legacy_bits, tls_bit | (std::uint64_t{1} << 50) | 6U);
  EXPECT_EQ(compute_hwcaps(elf_builder::x86_64, current, {.level = 4, .haswell = true, .xeon_phi = true}).platform,
            "xeon_phi");
}

TEST(Hwcaps, I386HasSse2AndI686) {
  const Hwcaps hwcaps = compute_hwcaps(elf_builder::i386, {.named = false, .legacy = true}, {.level = 4});
  EXPECT_EQ(hwcaps.platform, "i686");
  EXPECT_EQ(hwcaps.subdirectories,
            (Strings{"tls/i686/sse2", "tls/i686", "tls/sse2", "tls", "i686/sse2", "i686", "sse2"}));
  EXPECT_EQ(hwcaps.legacy_bits, tls_bit | (std::uint64_t{1} << 49) | 1U);
  EXPECT_TRUE(compute_hwcaps(elf_builder::i386, current, {.level = 4}).subdirectories.empty());
}

TEST(Hwcaps, OtherMachinesHaveNothingButTls) {
  EXPECT_EQ(compute_hwcaps(elf_builder::s390x, both, {.level = 4}).subdirectories, Strings{"tls"});
  EXPECT_EQ(compute_hwcaps(elf_builder::s390x, both, {.level = 4}).platform, "");
}

}  // namespace
}  // namespace revdep::loader
