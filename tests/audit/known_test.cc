#include "audit/known.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "pax/marking.h"
#include "support/temp_dir.h"

namespace revdep::audit {
namespace {

using testing::IsEmpty;
using namespace std::string_view_literals;

std::string spelled(pax::Relaxations relaxations) { return pax::format_letters(pax::as_marking(relaxations)); }

// "E|m" of the entry that fits, "-" of one without flags, "" of none.
std::string flags_of(const KnownList& list, std::string_view soname, std::string_view path = "/usr/lib64/x") {
  const Known* const known = list.find(soname, path);
  if (known == nullptr) return "";
  if (known->flags.empty()) return "-";
  const std::string flags = spelled(known->flags);
  return known->flags == known->without_emutramp ? flags : flags + '|' + spelled(known->without_emutramp);
}

// What is wrong with one line, given as the third of a file.
std::string fault(std::string_view line) {
  KnownList list;
  const auto errors = list.add("# one\n\n" + std::string(line) + "\nlibafter.so - 2026-11 why\n", "a.conf");
  EXPECT_NE(list.find("libafter.so", ""), nullptr) << "the lines after it count";
  if (errors.empty()) return "";
  EXPECT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].action, "use");
  EXPECT_EQ(errors[0].object, "a.conf:3");
  return errors[0].reason;
}

TEST(KnownList, AnEntryIsAPatternFlagsADateAndItsEvidence) {
  KnownList list;
  EXPECT_THAT(list.add("  libjit.so.*\tmr   2026-11 \t a JIT # of its own \r\n", "a.conf"), IsEmpty());
  const Known* const known = list.find("libjit.so.3", "/usr/lib64/libjit.so.3.0.1");
  ASSERT_NE(known, nullptr);
  EXPECT_EQ(known->pattern, "libjit.so.*");
  EXPECT_EQ(spelled(known->flags), "mr");
  EXPECT_EQ(spelled(known->without_emutramp), "mr");
  EXPECT_EQ(known->date, "2026-11");
  EXPECT_EQ(known->evidence, "a JIT # of its own");
}

TEST(KnownList, AChoiceOfFlagsIsByEmutramp) {
  KnownList list;
  EXPECT_THAT(list.add("a E|m 2026-11 why\nb - 2026-11 why\nc E 2026-11 why\nd pemrs 2026-11 why\n", "x").size(), 1U);
  EXPECT_EQ(flags_of(list, "a"), "E|m");
  EXPECT_EQ(flags_of(list, "b"), "-");
  EXPECT_EQ(flags_of(list, "c"), "E");
  EXPECT_EQ(flags_of(list, "d"), "");
}

TEST(KnownList, CommentsAndEmptyLinesAreNoEntries) {
  KnownList list;
  EXPECT_THAT(list.add("# a m 2026-11 why\n \t\r\n\n   # b m 2026-11 why", "x"), IsEmpty());
  EXPECT_EQ(list.find("a", ""), nullptr);
  EXPECT_EQ(list.find("#", ""), nullptr);
}

TEST(KnownList, WhatIsMalformedIsNamedByItsLineAndLeftOut) {
  EXPECT_EQ(fault("lib.so"), "the flags are missing: PATTERN FLAGS DATE EVIDENCE");
  EXPECT_EQ(fault("lib.so m"), "the date is missing: PATTERN FLAGS DATE EVIDENCE");
  EXPECT_EQ(fault("lib.so m 2026-11 \r"), "the evidence is missing: PATTERN FLAGS DATE EVIDENCE");
  EXPECT_EQ(fault("usr/lib/lib.so m 2026-11 why"),
            "'usr/lib/lib.so' is neither a soname nor a path that begins with /");
  EXPECT_EQ(fault("lib\0.so m 2026-11 why"sv), "it holds a NUL byte");
  EXPECT_EQ(fault("lib.so m 2026-11 why"), "");
}

TEST(KnownList, FlagsThatRelaxNothingAreMalformed) {
  for (const char* const flags :
       {"M", "e", "em", "mm", "x", "m-", "|", "m|", "|m", "E|", "E|M", "E|-", "m|E", "E|Em", "m|r", "E|m|r", "--"}) {
    EXPECT_EQ(fault("lib.so " + std::string(flags) + " 2026-11 why"),
              "'" + std::string(flags) +
                  "' are no flags: p, E, m, r, s, or a choice like E|m without EMUTRAMP, or - for none");
  }
  for (const char* const flags : {"p", "E", "m", "r", "s", "pmrs", "-", "E|m", "Er|mr"}) {
    EXPECT_EQ(fault("lib.so " + std::string(flags) + " 2026-11 why"), "") << flags;
  }
}

TEST(KnownList, DatesAreAYearAndAMonth) {
  for (const char* const date : {"2026", "2026-1", "2026-00", "2026-13", "2026-111", "2026/11", "11-2026", "why-not"}) {
    EXPECT_EQ(fault("lib.so m " + std::string(date) + " why"),
              "'" + std::string(date) + "' is no date: a year and a month, like 2026-11");
  }
  EXPECT_EQ(fault("lib.so m 1999-12 why"), "");
  EXPECT_EQ(fault("lib.so m 2026-01 why"), "");
}

TEST(KnownList, APatternWithASlashIsOfThePathAndOtherwiseOfTheSoname) {
  KnownList list;
  EXPECT_THAT(list.add("/usr/lib*/jit/lib*.so m 2026-11 why\nlib[ab].so.? r 2026-11 why\n", "x"), IsEmpty());
  EXPECT_EQ(flags_of(list, "", "/usr/lib64/jit/libx.so"), "m");
  EXPECT_EQ(flags_of(list, "/usr/lib64/jit/libx.so", "/usr/lib64/libx.so"), "");
  EXPECT_EQ(flags_of(list, "libb.so.1", "/opt/other"), "r");
  EXPECT_EQ(flags_of(list, "libb.so.10", "/opt/other"), "");
  EXPECT_EQ(flags_of(list, "libx.so", "libb.so.1"), "");
}

TEST(KnownList, AWildcardMatchesNoSlashOfAPath) {
  KnownList list;
  EXPECT_THAT(list.add("/usr/bin/jit* m 2026-11 why\n", "x"), IsEmpty());
  EXPECT_EQ(flags_of(list, "", "/usr/bin/jit-a"), "m");
  EXPECT_EQ(flags_of(list, "", "/usr/bin/jit/a"), "");
}

TEST(KnownList, AnObjectWithoutASonameFitsNoSonamesPattern) {
  KnownList list;
  EXPECT_THAT(list.add("* m 2026-11 why\n", "x"), IsEmpty());
  EXPECT_EQ(flags_of(list, ""), "");
  EXPECT_EQ(flags_of(list, "a"), "m");
}

TEST(KnownList, TheFirstEntryOfATextCountsAndALaterTextComesBefore) {
  KnownList list;
  EXPECT_THAT(list.add("liba.so m 2026-11 first\nlib*.so r 2026-11 second\n", "x"), IsEmpty());
  EXPECT_EQ(flags_of(list, "liba.so"), "m");
  EXPECT_THAT(list.add("liba.* - 2026-11 third\nliba.so p 2026-11 fourth\n", "y"), IsEmpty());
  EXPECT_EQ(flags_of(list, "liba.so"), "-");
  EXPECT_EQ(flags_of(list, "libb.so"), "r");
}

class ShippedList : public testing::Test {
 protected:
  void SetUp() override {
    const std::string path = PROJECT_SOURCE_DIR "/src/audit/known-libraries.conf";
    ASSERT_THAT(list_.add(support::read_file(path), path), IsEmpty());
  }
  KnownList list_;
};

TEST_F(ShippedList, HasTheLibrariesThatCompileAtRunTime) {
  for (const char* const soname : {"liborc-0.4.so.0",
                                   "libLLVM-15.so.1",
                                   "libLLVM-11.so",
                                   "libLLVM-3.4.1.so",
                                   "libLLVM.so.18.1",
                                   "libmozjs-115.so.0",
                                   "libmozjs-102.so",
                                   "libmozjs185.so.1.0",
                                   "libjavascriptcoregtk-4.0.so.18",
                                   "libjavascriptcoregtk-6.0.so.1",
                                   "libQt5WebEngineCore.so.5",
                                   "libQt6WebEngineCore.so.6",
                                   "libQt5Qml.so.5",
                                   "libQt6Qml.so.6",
                                   "libnode.so.108",
                                   "libcef.so",
                                   "libluajit-5.1.so.2",
                                   "libjvm.so",
                                   "libmonosgen-2.0.so.1",
                                   "libcoreclr.so",
                                   "libclrjit.so",
                                   "libzpaq.so.0.1",
                                   "libclamav.so.12"}) {
    EXPECT_EQ(flags_of(list_, soname), "m") << soname;
  }
}

TEST_F(ShippedList, HasLibffiBeforeStaticTrampolines) {
  for (const char* const soname : {"libffi.so.5", "libffi.so.6", "libffi.so.7"}) {
    EXPECT_EQ(flags_of(list_, soname), "E|m") << soname;
  }
  EXPECT_EQ(flags_of(list_, "libffi.so.8"), "");
}

TEST_F(ShippedList, SaysOfPcreThatItDoesWithout) {
  for (const char* const soname : {"libpcre.so.1", "libpcre.so.3", "libpcre2-8.so.0", "libpcre2-16.so.0"}) {
    EXPECT_EQ(flags_of(list_, soname), "-") << soname;
  }
}

TEST_F(ShippedList, SaysNothingOfTheirNeighbours) {
  for (const char* const soname :
       {"libc.so.6", "ld-linux-x86-64.so.2", "libGL.so.1", "libQt5Core.so.5", "libQt5QmlModels.so.5",
        "libwebkit2gtk-4.1.so.0", "liborc-test-0.4.so.0", "libLLVMSupport.so.17", "libmono-native.so.0",
        "libMonoPosixHelper.so", "libfreshclam.so.3", "libnodejs.so.1", "libjava.so", "libpcrecpp.so.0", "libluajit.so",
        "libz.so.1"}) {
    EXPECT_EQ(flags_of(list_, soname), "") << soname;
  }
}

TEST_F(ShippedList, HasProgramsByTheirPaths) {
  const auto flags = [this](std::string_view path) { return flags_of(list_, "", path); };
  EXPECT_EQ(flags("/usr/bin/qemu-system-x86_64"), "m");
  EXPECT_EQ(flags("/usr/bin/qemu-img"), "");
  EXPECT_EQ(flags("/home/user/usr/bin/qemu-system-x86_64"), "");
  EXPECT_EQ(flags("/usr/bin/wine64-preloader"), "pmrs");
  EXPECT_EQ(flags("/usr/lib/wine/wine64-preloader.static"), "pmrs");
  EXPECT_EQ(flags("/usr/lib/wine/x86_64-unix/wine-preloader"), "pmrs");
  EXPECT_EQ(flags("/usr/lib/wine-vanilla-9.0/bin/wine64-preloader"), "pmrs");
  EXPECT_EQ(flags("/usr/lib/wine-vanilla-9.0/wine/i386-unix/wine-preloader"), "pmrs");
  EXPECT_EQ(flags("/usr/bin/wineserver"), "");
  EXPECT_EQ(flags("/usr/sbin/grub-probe"), "E");
  EXPECT_EQ(flags("/usr/sbin/grub-mkdevicemap"), "E");
  EXPECT_EQ(flags("/usr/bin/grub-script-check"), "E");
  EXPECT_EQ(flags("/usr/sbin/grub-install"), "");
  EXPECT_EQ(flags("/usr/libexec/gcc/x86_64-pc-linux-gnu/12/cc1"), "r");
  EXPECT_EQ(flags("/usr/lib/gcc/x86_64-linux-gnu/12/cc1plus"), "r");
  EXPECT_EQ(flags("/usr/libexec/gcc/x86_64-pc-linux-gnu/12/collect2"), "");
  EXPECT_EQ(flags("/usr/libexec/valgrind/memcheck-amd64-linux"), "m");
  EXPECT_EQ(flags("/usr/lib/x86_64-linux-gnu/valgrind/memcheck-x86-linux"), "m");
  EXPECT_EQ(flags("/usr/libexec/valgrind/vgpreload_memcheck-amd64-linux.so"), "");
}

}  // namespace
}  // namespace revdep::audit
