#include "elf/facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "support/elf_builder.h"

namespace revdep::elf {
namespace {

using elf_builder::Object;
using testing::ElementsAre;
using testing::IsEmpty;

Facts facts_of(const std::vector<std::byte>& image) {
  base::Result<Facts> facts = parse_facts(MemorySource(image), "x");
  EXPECT_TRUE(facts.ok()) << (facts.ok() ? "" : facts.error().to_string());
  return facts.ok() ? std::move(*facts) : Facts{};
}

Facts facts_of(const Object& object) { return facts_of(image(object)); }

class FactsOfEveryLayout : public testing::TestWithParam<Abi> {
 protected:
  static Object library() { return elf_builder::library("libx.so.1", {}, GetParam()); }
};

INSTANTIATE_TEST_SUITE_P(Facts, FactsOfEveryLayout,
                         testing::Values(Abi{62, Class::elf64, ByteOrder::little},
                                         Abi{62, Class::elf32, ByteOrder::little},
                                         Abi{22, Class::elf64, ByteOrder::big}, Abi{20, Class::elf32, ByteOrder::big}),
                         [](const auto& layout) {
                           return std::string(layout.param.elf_class == Class::elf64 ? "Elf64" : "Elf32") +
                                  (layout.param.order == ByteOrder::big ? "Big" : "Little");
                         });

TEST_P(FactsOfEveryLayout, NamesAreRead) {
  Object object = library();
  object.needed = {"libb.so", "liba.so", "dir/libc.so", ""};
  object.auxiliary = {"libaux1.so", "libaux2.so"};
  object.filter = {"libfilter.so"};
  object.rpath = "/r:$ORIGIN/../lib";
  object.runpath = "/run path";
  const Facts facts = facts_of(object);
  EXPECT_THAT(facts.problems, IsEmpty());
  EXPECT_EQ(facts.soname, "libx.so.1");
  EXPECT_THAT(facts.needed, ElementsAre("libb.so", "liba.so", "dir/libc.so", ""));
  EXPECT_THAT(facts.auxiliary, ElementsAre("libaux1.so", "libaux2.so"));
  EXPECT_THAT(facts.filter, ElementsAre("libfilter.so"));
  EXPECT_EQ(facts.rpath, "/r:$ORIGIN/../lib");
  EXPECT_EQ(facts.runpath, "/run path");
}

TEST_P(FactsOfEveryLayout, AbsentNamesAreNotEmptyOnes) {
  Object object;
  object.abi = GetParam();
  EXPECT_EQ(facts_of(object).soname, std::nullopt);
  EXPECT_EQ(facts_of(object).rpath, std::nullopt);
  EXPECT_EQ(facts_of(object).runpath, std::nullopt);
  object.runpath = "";
  object.rpath = "";
  object.soname = "";
  EXPECT_EQ(facts_of(object).runpath, "");
  EXPECT_EQ(facts_of(object).rpath, "");
  EXPECT_EQ(facts_of(object).soname, "");
}

TEST_P(FactsOfEveryLayout, FlagsAreRead) {
  EXPECT_FALSE(facts_of(library()).pie);
  EXPECT_FALSE(facts_of(library()).no_default_lib);
  EXPECT_FALSE(facts_of(library()).text_relocations);
  Object object = library();
  object.flags_1 = elf_builder::df_1_pie;
  EXPECT_TRUE(facts_of(object).pie);
  EXPECT_FALSE(facts_of(object).no_default_lib);
  object.flags_1 = elf_builder::df_1_nodeflib;
  EXPECT_FALSE(facts_of(object).pie);
  EXPECT_TRUE(facts_of(object).no_default_lib);
  object.text_relocations = true;
  EXPECT_TRUE(facts_of(object).text_relocations);
}

TEST_P(FactsOfEveryLayout, NamesFarApartAndAcrossReadsAreWhole) {
  Object object = library();
  object.needed = {std::string(5000, 'a') + ".so", "small.so", std::string(60000, 'b')};
  object.runpath = std::string(30000, 'r');
  object.gap = 20000;
  const Facts facts = facts_of(object);
  EXPECT_THAT(facts.problems, IsEmpty());
  EXPECT_EQ(facts.needed, object.needed);
  EXPECT_EQ(facts.runpath, object.runpath);
  EXPECT_EQ(facts.soname, "libx.so.1");
}

TEST_P(FactsOfEveryLayout, ADynamicSectionLongerThanOneReadIsRead) {
  Object object = library();
  for (int i = 0; i < 3000; ++i) object.needed.push_back("lib" + std::to_string(i) + ".so");
  const Facts facts = facts_of(object);
  EXPECT_EQ(facts.needed, object.needed);
  EXPECT_THAT(facts.problems, IsEmpty());
}

TEST_P(FactsOfEveryLayout, WhatIsLoadedAtAnAddressIsFoundThere) {
  Object object = elf_builder::program({"liby.so"}, GetParam());
  object.type = elf_builder::et_exec;
  object.flags_1 = 0;
  EXPECT_THAT(facts_of(object).needed, ElementsAre("liby.so"));
}

TEST(Facts, AnExecutableHasAnInterpreterOrIsExecOrPie) {
  const auto executable = [](const Object& object) { return is_executable(facts_of(object)); };
  Object object = elf_builder::library("libx.so");
  EXPECT_FALSE(executable(object));
  object.interpreter = "/lib64/ld-linux-x86-64.so.2";  // as libc.so.6
  EXPECT_TRUE(executable(object));
  object.interpreter.reset();
  object.flags_1 = elf_builder::df_1_pie;  // static-pie
  EXPECT_TRUE(executable(object));
  object.flags_1 = 0;
  object.dynamic = false;
  object.type = elf_builder::et_exec;  // static
  EXPECT_TRUE(executable(object));
  object.type = elf_builder::et_rel;
  EXPECT_FALSE(executable(object));
}

TEST(Facts, StaticAndRelocatableObjectsHaveNoNames) {
  for (const std::uint16_t type : {elf_builder::et_rel, elf_builder::et_exec}) {
    Object object = elf_builder::library("libx.so", {"liby.so"});
    object.type = type;
    object.dynamic = false;
    const Facts facts = facts_of(object);
    EXPECT_EQ(facts.soname, std::nullopt);
    EXPECT_THAT(facts.needed, IsEmpty());
    EXPECT_THAT(facts.problems, IsEmpty());
  }
}

class BrokenSource final : public ByteSource {
 public:
  BrokenSource(std::span<const std::byte> bytes, std::uint64_t good) : memory_(bytes), good_(good) {}
  std::ptrdiff_t read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    if (offset < good_) return memory_.read_at(offset, out);
    errno = EIO;
    return -1;
  }

 private:
  MemorySource memory_;
  std::uint64_t good_;
};

TEST(Facts, AReadThatFailsIsAnErrorWithTheSystemsReason) {
  Object object = elf_builder::library("libx.so", {"liby.so"});
  object.gap = 10000;
  const std::vector<std::byte> bytes = image(object);
  EXPECT_TRUE(parse_facts(BrokenSource(bytes, bytes.size()), "x").ok());
  for (const std::uint64_t good : {std::uint64_t{0}, std::uint64_t{5000}}) {
    const base::Result<Facts> facts = parse_facts(BrokenSource(bytes, good), "x");
    ASSERT_FALSE(facts.ok());
    EXPECT_EQ(facts.error().to_string(), "cannot read x: Input/output error");
  }
}

// Tells of each read how long it was.
class MeasuredSource final : public ByteSource {
 public:
  explicit MeasuredSource(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}
  std::ptrdiff_t read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    reads.push_back(out.size());
    return MemorySource(bytes_).read_at(offset, out);
  }
  mutable std::vector<std::size_t> reads;

 private:
  std::vector<std::byte> bytes_;
};

TEST(Facts, WithoutTheNamesOneReadOfOneKibIsEnough) {
  Object object = elf_builder::program({"liba.so"});
  object.dlopen_notes = {R"([{"soname":["libx.so"]}])"};
  object.pax_flags = {0x2800};
  const MeasuredSource source(image(object));
  const base::Result<Facts> facts = parse_facts(source, "x", Depth::notes);
  ASSERT_TRUE(facts.ok());
  EXPECT_THAT(source.reads, testing::ElementsAre(1024U));
  EXPECT_EQ(facts->head.pax->p_flags, 0x2800U);
  EXPECT_EQ(facts->dlopen_notes.size(), 1U);
  EXPECT_TRUE(facts->needed.empty());
}

TEST(Facts, BehindTheHeadOnlyTheDynamicSectionAndTheNamesAreRead) {
  Object object = elf_builder::library("libx.so", {"liba.so", "libb.so"});
  object.gap = 20000;
  std::vector<std::byte> bytes = image(object);
  bytes.resize(bytes.size() + 20000);
  const MeasuredSource source(std::move(bytes));
  const base::Result<Facts> facts = parse_facts(source, "x");
  ASSERT_TRUE(facts.ok());
  EXPECT_THAT(facts->needed, ElementsAre("liba.so", "libb.so"));
  EXPECT_EQ(facts->soname, "libx.so");
  EXPECT_THAT(source.reads, ElementsAre(4096U, testing::Lt(400U), testing::Lt(400U)));
}

TEST(Facts, WhatLiesBehindTheFirstReadIsReadToo) {
  // The interpreter and the notes across its end, wherever it cuts them.
  for (std::size_t gap = 400; gap < 1100; gap += 4) {
    Object object = elf_builder::program({"liba.so"});
    object.dlopen_notes = {R"([{"soname":["libx.so"]}])"};
    object.gap = gap;
    const base::Result<Facts> facts = parse_facts(MemorySource(image(object)), "x", Depth::notes);
    ASSERT_TRUE(facts.ok()) << gap;
    ASSERT_EQ(facts->head.interpreter, "/lib64/ld-linux-x86-64.so.2") << gap;
    ASSERT_EQ(facts->dlopen_notes.size(), 1U) << gap;
    ASSERT_EQ(facts->dlopen_notes[0].sonames, std::vector<std::string>{"libx.so"}) << gap;
  }
}

}  // namespace
}  // namespace revdep::elf
