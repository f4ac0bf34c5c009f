// Loaders told by their bytes: made-up ones, and those of the machine compared with what they say of themselves.
#include "loader/platform.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "support/command.h"
#include "support/elf_builder.h"
#include "support/temp_dir.h"

namespace revdep::loader {
namespace {

using namespace std::string_view_literals;
using elf_builder::i386;
using elf_builder::s390x;
using elf_builder::x32;
using elf_builder::x86_64;
using Strings = std::vector<std::string>;

constexpr elf::Abi aarch64{183, elf::Class::elf64, elf::ByteOrder::little};
constexpr std::string_view interpreter = "/lib64/ld-linux-x86-64.so.2";

bool has_prefix(const Strings& texts, std::string_view prefix) {
  return std::any_of(texts.begin(), texts.end(), [&](const std::string& text) { return text.starts_with(prefix); });
}

// A file with the strings that matter among bytes that do not.
class MadeUpLoader : public testing::Test {
 protected:
  Platform read(std::string_view directories, std::string_view banner, elf::Abi abi = x86_64) {
    std::string bytes("\177ELF\1\2/dev/\0/proc/self/\0/x\0GLIBC_PRIVATE\0"sv);
    bytes += "x86-64-v4:x86-64-v3:x86-64-v2"sv;
    bytes += "\0/etc/\0\x90\x01"sv;
    bytes += directories;
    bytes += '\0';
    bytes += banner;
    support::write_file(root_ / interpreter, bytes);
    base::Result<base::Tree> tree = base::Tree::open(root_.string());
    EXPECT_TRUE(tree.ok());
    return read_platform(*tree, abi, interpreter);
  }
  support::TempDir root_;
};

constexpr auto banner_2_36 = "ld.so (Debian GLIBC 2.36-9+deb12u14) stable release version 2.36.\n"sv;
constexpr auto banner_2_37 = "ld.so (Gentoo 2.37-r3 (patchset 5)) stable release version 2.37.\n"sv;

TEST_F(MadeUpLoader, DebianDirectoriesAreFound) {
  const Platform platform =
      read("/lib/x86_64-linux-gnu/\0/usr/lib/x86_64-linux-gnu/\0/lib/\0/usr/lib/\0"sv, banner_2_37);
  EXPECT_EQ(platform.system_directories,
            (Strings{"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib", "/usr/lib"}));
  EXPECT_EQ(platform.lib, "lib/x86_64-linux-gnu");
  EXPECT_EQ(platform.interpreter, interpreter);
  EXPECT_EQ(platform.flavour, Flavour::glibc);
}

TEST_F(MadeUpLoader, GentooDirectoriesAreFound) {
  const Platform platform = read("/lib64/\0/usr/lib64/\0"sv, banner_2_37);
  EXPECT_EQ(platform.system_directories, (Strings{"/lib64", "/usr/lib64"}));
  EXPECT_EQ(platform.lib, "lib64");
}

TEST_F(MadeUpLoader, SingleDirectoryIsFound) {
  EXPECT_EQ(read("/gnu/store/x-glibc-2.37/lib/\0"sv, banner_2_37).system_directories,
            Strings{"/gnu/store/x-glibc-2.37/lib"});
}

TEST_F(MadeUpLoader, LegacySubdirectoriesEndWith236) {
  const Platform before = read("/lib64/\0/usr/lib64/\0"sv, banner_2_36);
  EXPECT_TRUE(has_prefix(before.hwcaps_subdirectories, "tls"));
  EXPECT_NE(before.legacy_hwcap, 0U);
  const Platform after = read("/lib64/\0/usr/lib64/\0"sv, banner_2_37);
  EXPECT_FALSE(has_prefix(after.hwcaps_subdirectories, "tls"));
  EXPECT_EQ(after.legacy_hwcap, 0U);
}

TEST_F(MadeUpLoader, LoaderWithoutABannerIsAnOldOne) {
  EXPECT_TRUE(has_prefix(read("/lib64/\0/usr/lib64/\0"sv, "").hwcaps_subdirectories, "tls"));
}

TEST_F(MadeUpLoader, FileThatIsNotUnderstoodGetsTheUsualDefaults) {
  support::write_file(root_ / interpreter, "#!/bin/sh\n");
  base::Result<base::Tree> tree = base::Tree::open(root_.string());
  ASSERT_TRUE(tree.ok());
  const Platform platform = read_platform(*tree, x86_64, interpreter);
  EXPECT_EQ(platform.system_directories, (Strings{"/lib64", "/usr/lib64"}));
  EXPECT_FALSE(has_prefix(platform.hwcaps_subdirectories, "tls"));
}

TEST(ReadPlatform, AbsentLoaderGetsTheUsualDefaultsAndNoName) {
  const support::TempDir root;
  base::Result<base::Tree> tree = base::Tree::open(root.string());
  ASSERT_TRUE(tree.ok());
  const Platform native = read_platform(*tree, x86_64, interpreter);
  EXPECT_EQ(native.interpreter, "");
  EXPECT_EQ(native.system_directories, (Strings{"/lib64", "/usr/lib64"}));
  EXPECT_EQ(read_platform(*tree, x32, "").system_directories, (Strings{"/libx32", "/usr/libx32"}));
  const Platform x86 = read_platform(*tree, i386, "/lib/ld-linux.so.2");
  EXPECT_EQ(x86.system_directories, (Strings{"/lib", "/usr/lib"}));
  EXPECT_EQ(x86.lib, "lib");
  EXPECT_EQ(x86.platform, "i686");
  EXPECT_TRUE(x86.hwcaps.empty());
}

TEST(ReadPlatform, MuslHasFixedDirectoriesAndNoTokens) {
  const support::TempDir root;
  support::write_file(root / "lib/ld-musl-x86_64.so.1", "/lib64/\0/usr/lib64/\0"sv);
  base::Result<base::Tree> tree = base::Tree::open(root.string());
  ASSERT_TRUE(tree.ok());
  const Platform platform = read_platform(*tree, x86_64, "/lib/ld-musl-x86_64.so.1");
  EXPECT_EQ(platform.flavour, Flavour::musl);
  EXPECT_EQ(platform.system_directories, (Strings{"/lib", "/usr/local/lib", "/usr/lib"}));
  EXPECT_EQ(platform.lib, "");
  EXPECT_TRUE(platform.hwcaps_subdirectories.empty());
}

TEST(UsualInterpreters, AreThoseOfTheAbi) {
  EXPECT_EQ(usual_interpreters(x86_64), (Strings{"/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1"}));
  EXPECT_EQ(usual_interpreters(i386), (Strings{"/lib/ld-linux.so.2", "/lib/ld-musl-i386.so.1"}));
  EXPECT_EQ(usual_interpreters(x32).front(), "/libx32/ld-linux-x32.so.2");
  EXPECT_EQ(usual_interpreters(s390x).front(), "/lib/ld64.so.1");
  EXPECT_EQ(usual_interpreters(aarch64).front(), "/lib/ld-linux-aarch64.so.1");
  EXPECT_TRUE(usual_interpreters({0, elf::Class::elf32, elf::ByteOrder::big}).empty());
}

TEST(UsualInterpreters, ByteOrderDecidesOnPowerpc64) {
  EXPECT_EQ(usual_interpreters({21, elf::Class::elf64, elf::ByteOrder::big}).front(), "/lib64/ld64.so.1");
  EXPECT_EQ(usual_interpreters({21, elf::Class::elf64, elf::ByteOrder::little}).front(), "/lib64/ld64.so.2");
}

TEST(FlavourOf, IsToldByTheName) {
  EXPECT_EQ(flavour_of("/lib/ld-musl-aarch64.so.1"), Flavour::musl);
  EXPECT_EQ(flavour_of("/lib64/ld-linux-x86-64.so.2"), Flavour::glibc);
  EXPECT_EQ(flavour_of("/ld-musl-x/ld.so.1"), Flavour::glibc);
  EXPECT_EQ(flavour_of(""), Flavour::glibc);
}

// What each of the machine's own loaders says of itself (--help: since 2.33).
struct Own {
  elf::Abi abi;
  std::string interpreter;
};
class OwnLoader : public testing::TestWithParam<Own> {};

Strings lines_with(std::string_view text, std::string_view end) {
  Strings found;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t at = line.find(end);
    if (line.starts_with("  ") && at != std::string_view::npos) found.emplace_back(line.substr(2, at - 2));
  }
  return found;
}

TEST_P(OwnLoader, SaysTheSameOfItself) {
  if (!std::filesystem::exists(GetParam().interpreter)) GTEST_SKIP() << "not on this machine";
  const support::Outcome help = support::run({GetParam().interpreter, "--help"});
  if (help.status != 0 || help.out.find("system search path") == std::string::npos) GTEST_SKIP() << "does not tell";
  base::Result<base::Tree> tree = base::Tree::open("/");
  ASSERT_TRUE(tree.ok());
  const Platform platform = read_platform(*tree, GetParam().abi, GetParam().interpreter);
  EXPECT_EQ(platform.system_directories, lines_with(help.out, " (system search path)"));

  const std::size_t legacy = help.out.find("Legacy HWCAP subdirectories");
  const std::string_view named = std::string_view(help.out).substr(0, legacy);
  EXPECT_EQ(platform.hwcaps, lines_with(named, " (supported, searched)"));
  if (legacy != std::string::npos) {
    const std::string_view old = std::string_view(help.out).substr(legacy);
    EXPECT_EQ(Strings{platform.platform}, lines_with(old, " (AT_PLATFORM; supported, searched)"));
    for (const std::string& name : lines_with(old, " (supported, searched)")) {
      EXPECT_NE(std::find(platform.hwcaps_subdirectories.begin(), platform.hwcaps_subdirectories.end(), name),
                platform.hwcaps_subdirectories.end())
          << name;
    }
  }
  EXPECT_EQ(has_prefix(platform.hwcaps_subdirectories, "tls"), legacy != std::string::npos);
}

// Which files the loader tries for a name in a directory that has every subdirectory, and in which order.
TEST_P(OwnLoader, TriesTheSameSubdirectoriesInTheSameOrder) {
  if (!std::filesystem::exists(GetParam().interpreter)) GTEST_SKIP() << "not on this machine";
  base::Result<base::Tree> tree = base::Tree::open("/");
  ASSERT_TRUE(tree.ok());
  const Platform platform = read_platform(*tree, GetParam().abi, GetParam().interpreter);
  const support::TempDir place;
  Strings expected;
  for (const std::string& subdirectory : platform.hwcaps_subdirectories) {
    std::filesystem::create_directories(place / ("d/" + subdirectory));
    expected.push_back(place.string() + "/d/" + subdirectory + "/libnone.so");
  }
  expected.push_back(place.string() + "/d/libnone.so");
  for (const std::string other : {"tls", "haswell", "avx512_1", "x86_64", "i686", "sse2", "glibc-hwcaps/x86-64-v4"}) {
    std::filesystem::create_directories(place / ("d/" + other));
  }
  std::filesystem::create_directories(place / "d");
  elf_builder::Object program = elf_builder::program({"libnone.so"}, GetParam().abi);
  program.interpreter = GetParam().interpreter;
  program.runpath = place.string() + "/d";
  elf_builder::write_object(place / "program", program);
  const support::Outcome traced =
      support::run({place.string() + "/program"}, {{"LD_DEBUG", "libs"}, {"LD_TRACE_LOADED_OBJECTS", "1"}});
  Strings tried;
  std::string_view rest = traced.err;
  const std::string mark = "trying file=" + place.string();
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const std::size_t at = line.find(mark);
    if (at == std::string_view::npos) continue;
    std::string path(line.substr(at + std::string_view("trying file=").size()));
    // A capability of the platform's name is tried twice.
    if (std::find(tried.begin(), tried.end(), path) == tried.end()) tried.push_back(std::move(path));
  }
  if (tried.empty()) GTEST_SKIP() << "cannot be run here: " << traced.err;
  EXPECT_EQ(tried, expected);
}

INSTANTIATE_TEST_SUITE_P(Machine, OwnLoader,
                         testing::Values(Own{x86_64, "/lib64/ld-linux-x86-64.so.2"}, Own{i386, "/lib/ld-linux.so.2"},
                                         Own{x32, "/libx32/ld-linux-x32.so.2"},
                                         Own{aarch64, "/lib/ld-linux-aarch64.so.1"}),
                         [](const auto& own) {
                           std::string name = own.param.interpreter.substr(own.param.interpreter.rfind('/') + 1);
                           std::replace_if(
                               name.begin(), name.end(), [](char c) { return !std::isalnum(c); }, '_');
                           return name;
                         });

}  // namespace
}  // namespace revdep::loader
