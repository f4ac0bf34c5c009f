// Expectations are worked out by hand from the kernel's rules: bit numbers of p_flags, the xattr's grammar, EI_PAX' bits.
#include "pax/marking.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace revdep::pax {
namespace {

using namespace std::string_literals;

// "-em--" as five settings, independent of the formatter under test.
Marking marking(std::string_view columns) {
  Marking result;
  for (std::size_t i = 0; i < 5; ++i) {
    if (columns[i] == "PEMRS"[i]) result.set(letters[i], Setting::on);
    if (columns[i] == "pemrs"[i]) result.set(letters[i], Setting::off);
  }
  return result;
}

TEST(Marking, IsEmptyUntilALetterIsSet) {
  Marking none;
  EXPECT_TRUE(none.empty());
  for (const Letter letter : letters) EXPECT_EQ(none.get(letter), Setting::unset);
  none.set(Letter::E, Setting::off);
  EXPECT_FALSE(none.empty());
}

TEST(Marking, SettingALetterReplacesItsEarlierSettingAndNoOther) {
  Marking both = marking("P-m--");
  both.set(Letter::P, Setting::off);
  EXPECT_EQ(both, marking("p-m--"));
  both.set(Letter::P, Setting::on);
  EXPECT_EQ(both, marking("P-m--"));
  both.set(Letter::P, Setting::unset);
  EXPECT_EQ(both, marking("--m--"));
}

TEST(FormatColumns, HasADashForEachUnsetLetter) {
  EXPECT_EQ(format_columns({}), "-----");
  EXPECT_EQ(format_columns(marking("PeMRs")), "PeMRs");
  EXPECT_EQ(format_columns(marking("-em--")), "-em--");
}

TEST(FormatLetters, IsInTheOrderPemrsWithoutDashes) {
  EXPECT_EQ(format_letters({}), "");
  EXPECT_EQ(format_letters(marking("-em--")), "em");
  EXPECT_EQ(format_letters(marking("pEmRS")), "pEmRS");
}

TEST(XattrLetters, AnEmptyValueIsAValidMarking) { EXPECT_EQ(parse_letters(""), Marking()); }

TEST(XattrLetters, MayComeInAnyOrder) {
  std::string value = "EmPrs";
  std::ranges::sort(value);
  do {
    EXPECT_EQ(parse_letters(value), marking("PEmrs")) << value;
  } while (std::ranges::next_permutation(value).found);
}

TEST(XattrLetters, OfEachLetterEitherCaseIsKnown) {
  for (std::size_t i = 0; i < 5; ++i) {
    for (const char* const alphabet : {"PEMRS", "pemrs"}) {
      std::string columns = "-----";
      columns[i] = alphabet[i];
      EXPECT_EQ(parse_letters(std::string(1, alphabet[i])), marking(columns)) << columns;
    }
  }
}

TEST(XattrLetters, EveryOtherByteVoidsTheValue) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    if (std::string_view("PEMRSpemrs").find(c) != std::string_view::npos) continue;
    EXPECT_FALSE(parse_letters(std::string(1, c))) << byte;
    EXPECT_FALSE(parse_letters("m"s + c)) << byte;
  }
}

TEST(XattrLetters, WhatOtherToolsWriteIsVoidWhereTheKernelSaysSo) {
  EXPECT_FALSE(parse_letters("-em--"));
  EXPECT_FALSE(parse_letters("em\n"));
  EXPECT_FALSE(parse_letters("em\0"s));
  EXPECT_FALSE(parse_letters("xm"));
}

TEST(XattrLetters, ALetterTwiceVoidsTheValue) {
  for (const char* const value : {"mm", "mM", "Mm", "pemrp", "PEMRP", "ss"})
    EXPECT_FALSE(parse_letters(value)) << value;
}

TEST(XattrLetters, MoreThanFiveBytesVoidTheValue) {
  EXPECT_TRUE(parse_letters("pemrs"));
  EXPECT_FALSE(parse_letters("pemrsP"));
  EXPECT_FALSE(parse_letters(std::string(100, 'm')));
}

struct HeaderCase {
  std::uint32_t p_flags;
  const char* columns;  // nullptr: void
};

TEST(HeaderFlags, AreReadAsTheKernelReadsThem) {
  const HeaderCase cases[] = {
      {0, "-----"},  // valid
      {1U << 4, "P----"},
      {1U << 5, "p----"},
      {1U << 6, "----S"},
      {1U << 7, "----s"},
      {1U << 8, "--M--"},
      {1U << 9, "--m--"},
      {1U << 12, "-E---"},
      {1U << 13, "-e---"},
      {1U << 14, "---R-"},
      {1U << 15, "---r-"},
      {0x2800, "-e---"},               // the old toolchain's default: RANDEXEC off is ignored
      {1U << 10 | 1U << 11, "-----"},  // both bits of RANDEXEC void nothing
      {0xffff000fU, "-----"},          // no meaning at all
      {1U << 4 | 1U << 5, nullptr},
      {1U << 6 | 1U << 7, nullptr},
      {1U << 8 | 1U << 9, nullptr},
      {1U << 12 | 1U << 13, nullptr},
      {1U << 14 | 1U << 15, nullptr},
      {1U << 9 | 1U << 6 | 1U << 7, nullptr},  // one contradiction voids the rest
      {0xffffffffU, nullptr},
      {0x5150, "PEMRS"},  // 4, 6, 8, 12, 14
      {0xa2a0, "pemrs"},  // 5, 7, 9, 13, 15
  };
  for (const HeaderCase& item : cases) {
    const auto parsed = parse_header(item.p_flags);
    ASSERT_EQ(parsed.has_value(), item.columns != nullptr) << std::hex << item.p_flags;
    if (parsed) {
      EXPECT_EQ(*parsed, marking(item.columns)) << std::hex << item.p_flags;
    }
  }
}

TEST(HeaderFlags, FormattingKeepsEveryBitThatIsNoLetters) {
  constexpr std::uint32_t letter_bits = 0xf3f0;  // 4..9, 12..15
  for (const std::uint32_t old : {0U, 0x2800U, 0xffffffffU, 0x0c00U, 0xffff000fU}) {
    const std::uint32_t flags = format_header(marking("p-M--"), old);
    EXPECT_EQ(flags & ~letter_bits, old & ~letter_bits) << std::hex << old;
    EXPECT_EQ(flags & letter_bits, 1U << 5 | 1U << 8) << std::hex << old;
  }
}

TEST(Codecs, AllOf243MarkingsComeBackFromBothStores) {
  for (int code = 0; code < 243; ++code) {
    Marking each;
    for (int i = 0, rest = code; i < 5; ++i, rest /= 3)
      each.set(letters[static_cast<std::size_t>(i)], Setting(rest % 3));
    EXPECT_EQ(parse_letters(format_letters(each)), each);
    EXPECT_EQ(parse_header(format_header(each, 0)), each);
    EXPECT_EQ(format_columns(each).size(), 5U);
  }
}

TEST(EiPax, IsReadAsTheKernelReadsIt) {
  const struct {
    std::uint8_t byte;
    const char* columns;
  } cases[] = {
      {0, "-----"},          {1, "p----"},   {2, "-E---"},         {4, "--m--"},
      {8, "---r-"},          {32, "----s"},  {16, "-----"},         // RANDEXEC and the two high bits mean nothing
      {64, "-----"},         {128, "-----"}, {1 | 2 | 4, "pEm--"},  // S is left on, so E and M are taken
      {32 | 2 | 4, "-Em-s"},                                        // P is left on
  };
  for (const auto& item : cases) EXPECT_EQ(parse_ei(item.byte), marking(item.columns)) << int{item.byte};
}

TEST(EiPax, EIsNotTakenWithoutPAndS) {
  for (const std::uint8_t byte : {std::uint8_t{35}, std::uint8_t{39}, std::uint8_t{255}}) {
    const Marking parsed = parse_ei(byte);
    EXPECT_EQ(parsed.get(Letter::P), Setting::off) << int{byte};
    EXPECT_EQ(parsed.get(Letter::S), Setting::off) << int{byte};
    EXPECT_NE(parsed.get(Letter::E), Setting::on) << int{byte};
    EXPECT_NE(parsed.get(Letter::M), Setting::on) << int{byte};
  }
}

TEST(OwnMarking, IsTheFirstValidOneOfXattrAndHeader) {
  const std::uint32_t header = 1U << 15;  // r
  EXPECT_EQ(own_marking({}), std::nullopt);
  EXPECT_EQ(own_marking({"em", header, 0}), marking("-em--"));
  EXPECT_EQ(own_marking({std::nullopt, header, 0}), marking("---r-"));
}

TEST(OwnMarking, AVoidStoreCountsAsAbsent) {
  const std::uint32_t header = 1U << 15, void_header = 1U << 8 | 1U << 9;
  EXPECT_EQ(own_marking({"em\n", header, 0}), marking("---r-"));
  EXPECT_EQ(own_marking({std::string(6, 'm'), std::nullopt, 0}), std::nullopt);
  EXPECT_EQ(own_marking({"x", void_header, 0}), std::nullopt);
}

TEST(OwnMarking, AnEmptyXattrHidesTheHeader) { EXPECT_EQ(own_marking({"", 1U << 15, 0}), Marking()); }

TEST(OwnMarking, EiPaxAloneIsNone) { EXPECT_EQ(own_marking({std::nullopt, std::nullopt, 4}), std::nullopt); }

}  // namespace
}  // namespace revdep::pax
