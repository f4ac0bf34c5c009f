#include <gtest/gtest.h>

#include "elf/facts.h"
#include "support/elf_builder.h"

namespace revdep::elf {
namespace {

using elf_builder::Object;

Head head_of(const std::vector<std::byte>& image) {
  base::Result<Head> head = parse_head(MemorySource(image), "x");
  EXPECT_TRUE(head.ok()) << (head.ok() ? "" : head.error().to_string());
  return head.ok() ? std::move(*head) : Head{};
}

std::string reason_of(std::span<const std::byte> image) {
  const base::Result<Head> head = parse_head(MemorySource(image), "x");
  return head.ok() ? "" : head.error().reason;
}

// p_flags as the object's own byte order has them at `offset`.
std::uint32_t word_at(const std::vector<std::byte>& image, std::uint64_t offset, ByteOrder order) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t at = order == ByteOrder::big ? i : 3 - i;
    value = value << 8U | std::to_integer<std::uint32_t>(image.at(offset + at));
  }
  return value;
}

class EveryLayout : public testing::TestWithParam<Abi> {};

INSTANTIATE_TEST_SUITE_P(Head, EveryLayout,
                         testing::Values(Abi{62, Class::elf64, ByteOrder::little},
                                         Abi{3, Class::elf32, ByteOrder::little}, Abi{22, Class::elf64, ByteOrder::big},
                                         Abi{20, Class::elf32, ByteOrder::big}),
                         [](const auto& layout) {
                           return std::string(layout.param.elf_class == Class::elf64 ? "Elf64" : "Elf32") +
                                  (layout.param.order == ByteOrder::big ? "Big" : "Little");
                         });

TEST_P(EveryLayout, IdentificationAndHeaderAreRead) {
  Object object;
  object.abi = GetParam();
  object.type = elf_builder::et_exec;
  object.e_flags = 0x12345678;
  object.ident_padding[5] = 0x2a;
  const Head head = head_of(image(object));
  EXPECT_EQ(head.abi, GetParam());
  EXPECT_EQ(head.type, 2);
  EXPECT_EQ(head.e_flags, 0x12345678U);
  EXPECT_EQ(head.ei_pax, 0x2a);
}

TEST_P(EveryLayout, TheInterpreterIsRead) {
  Object object = elf_builder::program({}, GetParam());
  object.interpreter = "/lib/ld-test.so.9";
  EXPECT_EQ(head_of(image(object)).interpreter, "/lib/ld-test.so.9");
  EXPECT_EQ(head_of(image(elf_builder::library("libx.so", {}, GetParam()))).interpreter, std::nullopt);
}

TEST_P(EveryLayout, OnlyTheFirstPaxHeaderCountsAndItsFlagsAreWhereItSays) {
  Object object = elf_builder::program({}, GetParam());
  object.pax_flags = {0x2800, 0xa2a0};
  const std::vector<std::byte> bytes = image(object);
  const Head head = head_of(bytes);
  ASSERT_TRUE(head.pax);
  EXPECT_EQ(head.pax->p_flags, 0x2800U);
  EXPECT_EQ(word_at(bytes, head.pax->flags_offset, GetParam().order), 0x2800U);
  // The next entry is the second one, and only the first is taken.
  const std::uint64_t entry = GetParam().elf_class == Class::elf64 ? 56 : 32;
  EXPECT_EQ(word_at(bytes, head.pax->flags_offset + entry, GetParam().order), 0xa2a0U);
}

TEST_P(EveryLayout, APaxHeaderOfZeroIsAHeader) {
  Object object = elf_builder::library("libx.so", {}, GetParam());
  EXPECT_EQ(head_of(image(object)).pax, std::nullopt);
  object.pax_flags = {0};
  ASSERT_TRUE(head_of(image(object)).pax);
  EXPECT_EQ(head_of(image(object)).pax->p_flags, 0U);
}

TEST_P(EveryLayout, TheStackIsExecutableUnstatedOrNot) {
  Object object = elf_builder::library("libx.so", {}, GetParam());
  EXPECT_EQ(head_of(image(object)).stack, ExecutableStack::no);
  object.stack_flags = elf_builder::pf_r | elf_builder::pf_w | elf_builder::pf_x;
  EXPECT_EQ(head_of(image(object)).stack, ExecutableStack::yes);
  object.stack_flags = std::nullopt;
  EXPECT_EQ(head_of(image(object)).stack, ExecutableStack::unstated);
}

TEST_P(EveryLayout, AWritableExecutableSegmentIsSeen) {
  Object object = elf_builder::library("libx.so", {}, GetParam());
  EXPECT_FALSE(head_of(image(object)).writable_executable_segment);
  object.writable_executable_segment = true;
  EXPECT_TRUE(head_of(image(object)).writable_executable_segment);
}

TEST_P(EveryLayout, DynamicIsWhetherThereIsADynamicSegment) {
  Object object = elf_builder::library("libx.so", {}, GetParam());
  EXPECT_TRUE(head_of(image(object)).dynamic);
  object.dynamic = false;
  EXPECT_FALSE(head_of(image(object)).dynamic);
}

TEST_P(EveryLayout, WhatLiesBeyondTheFirstReadIsRead) {
  Object object = elf_builder::program({"liby.so"}, GetParam());
  object.interpreter = "/lib/far";
  object.gap = 100000;
  EXPECT_EQ(head_of(image(object)).interpreter, "/lib/far");
}

TEST_P(EveryLayout, MoreProgramHeadersThanFitInTheFirstReadAreRead) {
  Object object = elf_builder::program({}, GetParam());
  object.pax_flags.assign(1000, 0x2800);
  object.interpreter = "/lib/behind-them";
  EXPECT_EQ(head_of(image(object)).interpreter, "/lib/behind-them");
}

TEST_P(EveryLayout, ARelocatableObjectHasAHeadWithoutProgramHeaders) {
  Object object;
  object.abi = GetParam();
  object.type = elf_builder::et_rel;
  const Head head = head_of(image(object));
  EXPECT_EQ(head.type, 1);
  EXPECT_FALSE(head.dynamic);
  EXPECT_EQ(head.stack, ExecutableStack::unstated);
}

TEST(Head, WithoutMagicItIsNotAnElfObject) {
  const std::string_view script = "#!/bin/sh\n";
  EXPECT_EQ(reason_of(std::as_bytes(std::span(script.data(), script.size()))), "not an ELF object");
  EXPECT_EQ(reason_of({}), "not an ELF object");
}

TEST(Head, AnErrorNamesActionObjectAndReason) {
  const base::Result<Head> head = parse_head(MemorySource({}), "/usr/bin/x");
  ASSERT_FALSE(head.ok());
  EXPECT_EQ(head.error().to_string(), "cannot read /usr/bin/x: not an ELF object");
}

TEST(Head, UnknownClassAndByteOrderAreErrors) {
  std::vector<std::byte> bytes = image(Object{});
  bytes[4] = std::byte{3};
  EXPECT_EQ(reason_of(bytes), "unknown ELF class 3");
  bytes = image(Object{});
  bytes[5] = std::byte{0};
  EXPECT_EQ(reason_of(bytes), "unknown ELF byte order 0");
}

// What the machine's glibc 2.36 answered when asked to load such a library (elf_builder_test asks the real one).
TEST(Head, IdentificationIsValidAsGlibcHasIt) {
  const auto valid = [](const auto& change, Abi abi = elf_builder::x86_64) {
    Object object = elf_builder::library("libx.so", {}, abi);
    change(object);
    return head_of(image(object)).identification_valid;
  };
  constexpr Abi mips{8, Class::elf32, ByteOrder::big};
  EXPECT_TRUE(valid([](Object&) {}));
  EXPECT_TRUE(valid([](Object& o) { o.osabi = 3; }));
  EXPECT_TRUE(valid([](Object& o) { o.osabi = 3, o.abi_version = 3; }));
  EXPECT_FALSE(valid([](Object& o) { o.osabi = 3, o.abi_version = 4; }));
  EXPECT_FALSE(valid([](Object& o) { o.abi_version = 1; }));
  EXPECT_TRUE(valid([](Object& o) { o.abi_version = 1; }, mips));
  EXPECT_FALSE(valid([](Object& o) { o.osabi = 9; }));
  EXPECT_FALSE(valid([](Object& o) { o.ident_version = 2; }));
  for (std::size_t i = 0; i < 7; ++i) EXPECT_FALSE(valid([i](Object& o) { o.ident_padding[i] = 1; })) << i;
}

TEST(Head, EVersionIsPartOfTheIdentification) {
  std::vector<std::byte> bytes = image(Object{});
  bytes[20] = std::byte{2};
  EXPECT_FALSE(head_of(bytes).identification_valid);
}

}  // namespace
}  // namespace revdep::elf
