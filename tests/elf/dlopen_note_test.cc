#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "elf/facts.h"
#include "support/elf_builder.h"

namespace revdep::elf {
namespace {

using elf_builder::Object;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Facts facts_with(std::vector<std::string> notes, Abi abi = elf_builder::x86_64) {
  Object object = elf_builder::library("libx.so", {}, abi);
  object.dlopen_notes = std::move(notes);
  base::Result<Facts> facts = parse_facts(MemorySource(image(object)), "x");
  EXPECT_TRUE(facts.ok());
  return facts.ok() ? std::move(*facts) : Facts{};
}

// The example of the UAPI specification.
constexpr const char* specification = R"([
  {"soname": ["libfido2.so.1"], "feature": "fido2", "description": "Support for FIDO2", "priority": "required"},
  {"soname": ["libtss2-esys.so.0", "libtss2-esys.so"], "feature": "tpm2", "priority": "suggested"}
])";

TEST(DlopenNotes, AreReadInEveryLayout) {
  for (const Abi abi : {elf_builder::x86_64, elf_builder::i386, elf_builder::s390x, elf_builder::ppc}) {
    const Facts facts = facts_with({specification}, abi);
    EXPECT_THAT(facts.problems, IsEmpty());
    ASSERT_THAT(facts.dlopen_notes, SizeIs(2));
    EXPECT_THAT(facts.dlopen_notes[0].sonames, ElementsAre("libfido2.so.1"));
    EXPECT_EQ(facts.dlopen_notes[0].feature, "fido2");
    EXPECT_EQ(facts.dlopen_notes[0].priority, "required");
    EXPECT_THAT(facts.dlopen_notes[1].sonames, ElementsAre("libtss2-esys.so.0", "libtss2-esys.so"));
    EXPECT_EQ(facts.dlopen_notes[1].priority, "suggested");
  }
}

TEST(DlopenNotes, SeveralFollowEachOther) {
  // Lengths that leave each alignment of the note behind.
  std::vector<std::string> notes;
  for (const char* const name : {"a", "bb", "ccc", "dddd", "eeeee"}) {
    notes.push_back(R"([{"soname":[")" + std::string(name) + R"("]}])");
  }
  const Facts facts = facts_with(notes);
  ASSERT_THAT(facts.dlopen_notes, SizeIs(5));
  EXPECT_THAT(facts.dlopen_notes[0].sonames, ElementsAre("a"));
  EXPECT_THAT(facts.dlopen_notes[4].sonames, ElementsAre("eeeee"));
}

TEST(DlopenNotes, PriorityIsRecommendedWhenAbsent) {
  const Facts facts = facts_with({R"([{"soname":["liba.so"]}])"});
  ASSERT_THAT(facts.dlopen_notes, SizeIs(1));
  EXPECT_EQ(facts.dlopen_notes[0].priority, "recommended");
  EXPECT_EQ(facts.dlopen_notes[0].feature, "");
}

TEST(DlopenNotes, LongOnesAreWhole) {
  const std::string name(20000, 'n');
  const Facts facts = facts_with({R"([{"soname":[")" + name + R"("]}])"});
  ASSERT_THAT(facts.dlopen_notes, SizeIs(1));
  EXPECT_THAT(facts.dlopen_notes[0].sonames, ElementsAre(name));
}

TEST(DlopenNotes, MalformedOnesAreReportedAndTheOthersUsed) {
  for (const char* const bad :
       {"", "{}", "[", "null", R"(["libx.so"])", R"([{"soname":"libx.so"}])", R"([{"soname":[]}])",
        R"([{"feature":"x"}])", R"([{"soname":[1]}])", R"([{"soname":["x"],"feature":1}])",
        R"([{"soname":["x"],"priority":null}])", "[{\"soname\":[\"\xff\"]}]"}) {
    const Facts facts = facts_with({R"([{"soname":["before"]}])", bad, R"([{"soname":["behind"]}])"});
    EXPECT_THAT(facts.problems, ElementsAre("a .note.dlopen entry is malformed")) << bad;
    ASSERT_THAT(facts.dlopen_notes, SizeIs(2)) << bad;
    EXPECT_THAT(facts.dlopen_notes[1].sonames, ElementsAre("behind")) << bad;
  }
}

TEST(DlopenNotes, UnknownKeysAreIgnored) {
  const Facts facts = facts_with({R"([{"soname":["a"],"future":{"x":[1]}}])"});
  EXPECT_THAT(facts.problems, IsEmpty());
  EXPECT_THAT(facts.dlopen_notes, SizeIs(1));
}

TEST(DlopenNotes, ANoteThatClaimsMoreThanItsSegmentIsReported) {
  Object object = elf_builder::library("libx.so");
  object.dlopen_notes = {R"([{"soname":["a"]}])"};
  std::vector<std::byte> bytes = image(object);
  // The second program header is PT_NOTE; its p_offset is 8 bytes in, and n_descsz is the second word of the note.
  const std::size_t note =
      std::to_integer<std::size_t>(bytes[64 + 56 + 8]) | std::to_integer<std::size_t>(bytes[64 + 56 + 9]) << 8U;
  ASSERT_EQ(bytes[note + 12], std::byte{'F'});
  bytes[note + 6] = std::byte{0xff};
  const base::Result<Facts> facts = parse_facts(MemorySource(bytes), "x");
  ASSERT_TRUE(facts.ok());
  EXPECT_THAT(facts->problems, ElementsAre("a note lies beyond the end of its segment or of the file"));
  EXPECT_EQ(facts->soname, "libx.so");
}

TEST(DlopenNotes, OfAnotherOwnerOrTypeAreNotRead) {
  Object object = elf_builder::library("libx.so");
  object.dlopen_notes = {R"([{"soname":["a"]}])"};
  const std::vector<std::byte> good = image(object);
  const std::size_t note =
      std::to_integer<std::size_t>(good[64 + 56 + 8]) | std::to_integer<std::size_t>(good[64 + 56 + 9]) << 8U;
  for (const std::size_t position : {note + 8, note + 12, note + 15}) {
    std::vector<std::byte> bytes = good;
    bytes[position] ^= std::byte{1};
    const base::Result<Facts> facts = parse_facts(MemorySource(bytes), "x");
    ASSERT_TRUE(facts.ok());
    EXPECT_THAT(facts->dlopen_notes, IsEmpty()) << position;
    EXPECT_THAT(facts->problems, IsEmpty()) << position;
  }
}

}  // namespace
}  // namespace revdep::elf
