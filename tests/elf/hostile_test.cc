// Whatever the bytes say, the answer is an error or facts: no crash, no hang, no allocation beyond fixed limits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "elf/facts.h"
#include "support/elf_builder.h"

namespace revdep::elf {
namespace {

using elf_builder::Object;
using testing::ElementsAre;
using testing::IsEmpty;

Object rich_object(Abi abi) {
  Object object = elf_builder::program({"liba.so", "libb.so"}, abi);
  object.soname = "self";
  object.rpath = "/rpath";
  object.runpath = "$ORIGIN";
  object.auxiliary = {"libaux.so"};
  object.pax_flags = {0x2800};
  object.dlopen_notes = {R"([{"soname":["liblate.so"],"priority":"required"}])"};
  object.writable_executable_segment = true;
  return object;
}

constexpr Abi layouts[] = {elf_builder::x86_64, elf_builder::i386, elf_builder::s390x, elf_builder::ppc};

// Every answer must be printable: an error with a reason, or facts whose strings are no larger than the object.
void expect_answer(std::span<const std::byte> bytes, const std::string& what) {
  const base::Result<Facts> facts = parse_facts(MemorySource(bytes), "x");
  if (!facts.ok()) {
    EXPECT_FALSE(facts.error().reason.empty()) << what;
    return;
  }
  for (const std::string& name : facts->needed) EXPECT_LE(name.size(), bytes.size()) << what;
  EXPECT_LE(facts->problems.size(), 8U) << what;
}

TEST(Hostile, AnImageCutAtAnyByteGivesAnErrorOrSaysWhatIsMissing) {
  for (const Abi abi : layouts) {
    const std::vector<std::byte> good = image(rich_object(abi));
    for (std::size_t size = 0; size < good.size(); ++size) {
      const base::Result<Facts> facts = parse_facts(MemorySource(std::span(good).first(size)), "x");
      if (facts.ok()) {
        EXPECT_THAT(facts->problems, testing::Not(IsEmpty())) << "cut at " << size;
      } else {
        EXPECT_FALSE(facts.error().reason.empty());
      }
    }
  }
}

TEST(Hostile, AnyByteOfTheHeadersMayHaveAnyValue) {
  for (const Abi abi : layouts) {
    const std::vector<std::byte> good = image(rich_object(abi));
    for (std::size_t position = 0; position < std::min<std::size_t>(good.size(), 512); ++position) {
      for (const unsigned mask : {0x01U, 0x80U, 0xffU}) {
        std::vector<std::byte> bytes = good;
        bytes[position] ^= static_cast<std::byte>(mask);
        expect_answer(bytes, "byte " + std::to_string(position));
      }
    }
  }
}

TEST(Hostile, AnyByteOfTheDynamicSectionMayHaveAnyValue) {
  for (const Abi abi : layouts) {
    const std::vector<std::byte> good = image(rich_object(abi));
    for (std::size_t position = 512; position < good.size(); ++position) {
      for (const unsigned value : {0x00U, 0x7fU, 0xffU}) {
        std::vector<std::byte> bytes = good;
        bytes[position] = static_cast<std::byte>(value);
        expect_answer(bytes, "byte " + std::to_string(position));
      }
    }
  }
}

// x86-64 images with a field overwritten, little-endian.
class Image {
 public:
  explicit Image(const Object& object) : bytes_(image(object)) {}

  template <class Number>
  Image& put(std::size_t offset, Number value) {
    std::memcpy(&bytes_.at(offset + sizeof value - 1) - (sizeof value - 1), &value, sizeof value);
    return *this;
  }
  template <class Number>
  [[nodiscard]] Number get(std::size_t offset) const {
    Number value;
    std::memcpy(&value, &bytes_.at(offset), sizeof value);
    return value;
  }
  /// Offset of the first program header of `type`.
  [[nodiscard]] std::size_t header(std::uint32_t type) const {
    for (std::size_t offset = 64; offset < bytes_.size(); offset += 56) {
      if (get<std::uint32_t>(offset) == type) return offset;
    }
    return 0;
  }
  /// Offset of the first dynamic entry of `tag`.
  [[nodiscard]] std::size_t entry(std::uint64_t tag) const {
    auto offset = static_cast<std::size_t>(get<std::uint64_t>(header(2) + 8));
    while (get<std::uint64_t>(offset) != tag) offset += 16;
    return offset;
  }
  [[nodiscard]] base::Result<Facts> facts() const { return parse_facts(MemorySource(bytes_), "x"); }
  [[nodiscard]] std::string reason() const {
    const base::Result<Facts> result = facts();
    return result.ok() ? "" : result.error().reason;
  }

 private:
  std::vector<std::byte> bytes_;
};

constexpr std::uint64_t huge = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t e_phoff = 32, e_phentsize = 54, e_phnum = 56;
constexpr std::size_t p_offset = 8, p_vaddr = 16, p_filesz = 32;

TEST(Hostile, ProgramHeadersOutsideTheFileAreAnError) {
  for (const std::uint64_t offset : {std::uint64_t{1} << 40U, huge, huge - 55, huge - 392}) {
    EXPECT_EQ(Image(rich_object(elf_builder::x86_64)).put(e_phoff, offset).reason(),
              "program headers lie beyond the end of the file");
  }
  EXPECT_EQ(Image(rich_object(elf_builder::x86_64)).put(e_phnum, std::uint16_t{60000}).reason(),
            "program headers lie beyond the end of the file");
}

TEST(Hostile, ProgramHeadersOfAnotherSizeAreAnError) {
  for (const int size : {0, 1, 32, 55, 57, 65535}) {
    EXPECT_EQ(Image(rich_object(elf_builder::x86_64)).put(e_phentsize, static_cast<std::uint16_t>(size)).reason(),
              "program headers are of the wrong size");
  }
}

TEST(Hostile, ProgramHeadersBeyondTheirCountersRangeAreAnError) {
  EXPECT_EQ(Image(rich_object(elf_builder::x86_64)).put(e_phnum, std::uint16_t{0xffff}).reason(),
            "more than 65534 program headers");
}

TEST(Hostile, AnInterpreterThatIsNoStringInTheFileIsAnError) {
  const std::string reason = "PT_INTERP holds no string within the file";
  const Image good(rich_object(elf_builder::x86_64));
  const std::size_t interpreter = good.header(3);
  EXPECT_EQ(Image(good).put(interpreter + p_offset, huge).reason(), reason);
  EXPECT_EQ(Image(good).put(interpreter + p_filesz, huge).reason(), reason);
  EXPECT_EQ(Image(good).put(interpreter + p_filesz, std::uint64_t{4097}).reason(), reason);
  EXPECT_EQ(Image(good).put(interpreter + p_filesz, std::uint64_t{5}).reason(), reason);  // no NUL in them
}

TEST(Hostile, AnEmptyInterpreterOrDynamicSegmentIsOfASplitDebugFile) {
  const Image good(rich_object(elf_builder::x86_64));
  Image debug(good);
  debug.put(good.header(3) + p_filesz, std::uint64_t{0}).put(good.header(2) + p_filesz, std::uint64_t{0});
  const base::Result<Facts> facts = debug.facts();
  ASSERT_TRUE(facts.ok());
  EXPECT_EQ(facts->head.interpreter, std::nullopt);
  EXPECT_FALSE(facts->head.dynamic);
  EXPECT_THAT(facts->needed, IsEmpty());
  EXPECT_THAT(facts->problems, IsEmpty());
}

TEST(Hostile, ANameOutsideTheObjectIsReportedAndTheOthersStand) {
  const Image good(rich_object(elf_builder::x86_64));
  for (const std::uint64_t offset : {huge, std::uint64_t{1} << 32U, std::uint64_t{100000}}) {
    const base::Result<Facts> facts = Image(good).put(good.entry(1) + 8, offset).facts();
    ASSERT_TRUE(facts.ok());
    EXPECT_THAT(facts->problems, ElementsAre("a name in the dynamic section lies outside the object or is too long"));
    EXPECT_THAT(facts->needed, ElementsAre("libb.so"));
    EXPECT_EQ(facts->soname, "self");
  }
}

TEST(Hostile, AStringTableOutsideTheObjectIsReported) {
  const Image good(rich_object(elf_builder::x86_64));
  for (const std::uint64_t address : {huge, std::uint64_t{1} << 40U}) {
    const base::Result<Facts> facts = Image(good).put(good.entry(5) + 8, address).facts();
    ASSERT_TRUE(facts.ok());
    EXPECT_THAT(facts->problems, ElementsAre("the dynamic section's string table lies outside the object"));
    EXPECT_THAT(facts->needed, IsEmpty());
    EXPECT_TRUE(facts->pie);
  }
}

TEST(Hostile, ADynamicSectionWithoutAnEndIsReportedAndUsed) {
  const Image good(rich_object(elf_builder::x86_64));
  const auto size = good.get<std::uint64_t>(good.header(2) + p_filesz);
  const base::Result<Facts> facts = Image(good).put(good.header(2) + p_filesz, size - 16).facts();
  ASSERT_TRUE(facts.ok());
  EXPECT_THAT(facts->problems, ElementsAre("the dynamic section has no end"));
  EXPECT_THAT(facts->needed, ElementsAre("liba.so", "libb.so"));
}

TEST(Hostile, TheDynamicSectionIsWhereItIsLoadedNotWhereItsOffsetPoints) {
  const Image good(rich_object(elf_builder::x86_64));
  const base::Result<Facts> facts = Image(good).put(good.header(2) + p_offset, huge).facts();
  ASSERT_TRUE(facts.ok());
  EXPECT_THAT(facts->needed, ElementsAre("liba.so", "libb.so"));
  const base::Result<Facts> nowhere =
      Image(good).put(good.header(2) + p_offset, huge).put(good.header(2) + p_vaddr, huge).facts();
  ASSERT_TRUE(nowhere.ok());
  EXPECT_THAT(nowhere->problems, ElementsAre("the dynamic section lies beyond the end of the file"));
}

TEST(Hostile, AStringTableSizeThatLiesIsNotTrusted) {
  const Image good(rich_object(elf_builder::x86_64));
  for (const std::uint64_t size : {std::uint64_t{0}, huge}) {
    const base::Result<Facts> facts = Image(good).put(good.entry(10) + 8, size).facts();
    ASSERT_TRUE(facts.ok());
    EXPECT_THAT(facts->needed, ElementsAre("liba.so", "libb.so"));
    EXPECT_THAT(facts->problems, IsEmpty());
  }
}

// A file of any size without holding it: zeros behind the given bytes, as a sparse file has.
class SparseSource final : public ByteSource {
 public:
  explicit SparseSource(std::span<const std::byte> bytes) : memory_(bytes) {}
  std::ptrdiff_t read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    ++reads;
    std::memset(out.data(), 0, out.size());
    memory_.read_at(offset, out);
    return static_cast<std::ptrdiff_t>(out.size());
  }
  mutable std::size_t reads = 0;

 private:
  MemorySource memory_;
};

TEST(Hostile, NotesOfATerabyteAreReadUpToALimit) {
  Object object = elf_builder::library("libx.so");
  object.dlopen_notes = {"[]"};
  std::vector<std::byte> bytes = image(object);
  const std::uint64_t size = std::uint64_t{1} << 40U;
  const std::uint64_t offset = 1U << 20U;
  std::memcpy(&bytes[64 + 56 + 8], &offset, 8);
  std::memcpy(&bytes[64 + 56 + 32], &size, 8);
  const SparseSource source(bytes);
  const base::Result<Facts> facts = parse_facts(source, "x");
  ASSERT_TRUE(facts.ok());
  EXPECT_THAT(facts->problems, ElementsAre("more notes than are read"));
  EXPECT_LT(source.reads, 1000U);
}

TEST(Hostile, NamesThatShareOneLongStringAreReadUpToALimit) {
  Object object = elf_builder::library("libx.so");
  object.needed.assign(20000, "n");
  object.rpath = std::string(60000, 'r');
  Image lying(object);
  const auto rpath = lying.get<std::uint64_t>(lying.entry(15) + 8);
  const std::size_t first = lying.entry(1);
  for (std::size_t i = 0; i < 20000; ++i) lying.put(first + i * 16 + 8, rpath);
  const base::Result<Facts> facts = lying.facts();
  ASSERT_TRUE(facts.ok());
  EXPECT_THAT(facts->problems, ElementsAre("the names in the dynamic section are too long"));
  EXPECT_LT(facts->needed.size(), 20U);
}

}  // namespace
}  // namespace revdep::elf
