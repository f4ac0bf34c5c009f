// What the builder writes is judged by others: readelf, and the machine's own dynamic loader.
#include "support/elf_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "elf/facts.h"
#include "support/command.h"
#include "support/temp_dir.h"

namespace revdep::elf_builder {
namespace {

using support::Outcome;
using support::run;
using support::TempDir;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

Outcome trace(const std::filesystem::path& program) {
  return run({program.string()}, {{"LD_TRACE_LOADED_OBJECTS", "1"}});
}

bool has_loader(const elf::Abi& abi) { return std::filesystem::exists(*program({}, abi).interpreter); }

class RealLoader : public testing::TestWithParam<elf::Abi> {
 protected:
  void SetUp() override {
    if (!has_loader(GetParam())) GTEST_SKIP() << "no loader for this ABI";
  }
  TempDir directory_;
};

INSTANTIATE_TEST_SUITE_P(ElfBuilder, RealLoader, testing::Values(x86_64, i386),
                         [](const auto& layout) { return layout.param == x86_64 ? "X86_64" : "I386"; });

TEST_P(RealLoader, MapsAProgramAndItsLibraries) {
  for (const std::uint16_t type : {et_dyn, et_exec}) {
    Object binary = program({"liba.so.1"}, GetParam());
    binary.type = type;
    if (type == et_exec) binary.flags_1 = 0;
    binary.runpath = "$ORIGIN/lib";
    write_object(directory_ / "prog", binary);
    Object middle = library("liba.so.1", {"libb.so.1"}, GetParam());
    middle.rpath = directory_.string() + "/deep";
    middle.dlopen_notes = {"[]"};
    middle.pax_flags = {0x2800};
    middle.gap = 9000;
    write_object(directory_ / "lib/liba.so.1", middle);
    Object last = library("libb.so.1", {}, GetParam());
    last.writable_executable_segment = true;
    write_object(directory_ / "deep/libb.so.1", last);
    const Outcome traced = trace(directory_ / "prog");
    EXPECT_EQ(traced.status, 0);
    EXPECT_EQ(traced.err, "");
    EXPECT_THAT(traced.out, AllOf(HasSubstr("liba.so.1 => " + directory_.string() + "/lib/liba.so.1 ("),
                                  HasSubstr("libb.so.1 => " + directory_.string() + "/deep/libb.so.1 (")));
  }
}

// The parser's word on e_ident against the loader's, over the values that matter.
TEST_P(RealLoader, RefusesTheIdentificationsThatTheFactsCallInvalid) {
  Object binary = program({"libx.so"}, GetParam());
  binary.runpath = directory_.string();
  write_object(directory_ / "prog", binary);
  for (const std::uint8_t osabi : {std::uint8_t{0}, std::uint8_t{3}, std::uint8_t{9}}) {
    for (std::uint8_t version = 0; version < 6; ++version) {
      for (const std::uint8_t ei_pax : {std::uint8_t{0}, std::uint8_t{4}}) {
        Object object = library("libx.so", {}, GetParam());
        object.osabi = osabi;
        object.abi_version = version;
        object.ident_padding[5] = ei_pax;
        write_object(directory_ / "libx.so", object);
        const auto head = elf::parse_head(elf::MemorySource(image(object)), "libx.so");
        ASSERT_TRUE(head.ok());
        EXPECT_EQ(head->identification_valid, trace(directory_ / "prog").status == 0)
            << "osabi " << int{osabi} << " version " << int{version} << " EI_PAX " << int{ei_pax};
      }
    }
  }
}

TEST(ElfBuilder, ReadelfAgreesWithTheDescription) {
  if (!support::have_program("readelf")) GTEST_SKIP() << "no readelf";
  const TempDir directory;
  for (const elf::Abi abi : {x86_64, x32, i386, ppc, s390x}) {
    Object object = program({"liba.so", "libb.so"}, abi);
    object.soname = "libself.so.7";
    object.rpath = "/r/path";
    object.runpath = "/run/path";
    object.auxiliary = {"libaux.so"};
    object.filter = {"libfilt.so"};
    object.flags_1 |= df_1_nodeflib;
    object.text_relocations = true;
    object.stack_flags = pf_r | pf_w | pf_x;
    object.pax_flags = {0x2800};
    object.dlopen_notes = {"[]"};
    object.writable_executable_segment = true;
    write_object(directory / "object", object);
    const Outcome shown = run({"readelf", "-hldW", (directory / "object").string()});
    EXPECT_EQ(shown.status, 0);
    EXPECT_THAT(shown.err, IsEmpty());
    for (const char* const expected : {"[liba.so]", "[libb.so]", "(SONAME)", "[libself.so.7]", "(RPATH)", "[/r/path]",
                                       "(RUNPATH)", "[/run/path]", "[libaux.so]", "[libfilt.so]", "NODEFLIB", "PIE",
                                       "(TEXTREL)", "RWE", "LOOS+0x5041580", "Requesting program interpreter: "}) {
      EXPECT_THAT(shown.out, HasSubstr(expected)) << abi.machine;
    }
    // Its own exit status is 1 for a note of a type that it does not know.
    EXPECT_THAT(run({"readelf", "-nW", (directory / "object").string()}).out,
                AllOf(HasSubstr("FDO"), HasSubstr("0x407c0c0a")));
    EXPECT_THAT(shown.out, HasSubstr(abi.elf_class == elf::Class::elf64 ? "ELF64" : "ELF32"));
    EXPECT_THAT(shown.out, HasSubstr(abi.order == elf::ByteOrder::big ? "big endian" : "little endian"));
  }
}

TEST(ElfBuilder, WritesTheModeThatWasAskedFor) {
  const TempDir directory;
  write_object(directory / "a/b/prog", program({}), 04711);
  EXPECT_EQ(std::filesystem::status(directory / "a/b/prog").permissions(), std::filesystem::perms(04711));
}

}  // namespace
}  // namespace revdep::elf_builder
