// The merge table is the original tool's, written out by hand.
#include "migrate/compatible.h"

#include <gtest/gtest.h>

#include <array>

namespace revdep::migrate {
namespace {

using pax::Letter;
using pax::Marking;
using pax::Setting;
using pax::Stores;

Marking letters(std::string_view value) { return pax::parse_letters(value).value(); }

Stores with_xattr(std::string value) { return {.xattr = std::move(value), .header = {}, .ei_pax = 0}; }

class MergeTable : public testing::TestWithParam<Letter> {};

TEST_P(MergeTable, HasNineRowsForEachLetter) {
  struct Row {
    Setting exporter, importer, result;
    bool contradicted;
  };
  constexpr auto unset = Setting::unset, off = Setting::off, on = Setting::on;
  constexpr std::array<Row, 9> rows = {{{unset, unset, unset, false},
                                        {unset, off, off, false},
                                        {unset, on, on, false},
                                        {off, unset, off, false},
                                        {off, off, off, false},
                                        {off, on, on, true},
                                        {on, unset, on, false},
                                        {on, off, off, true},
                                        {on, on, on, false}}};
  for (std::size_t row = 0; row < rows.size(); ++row) {
    Marking exporter, importer, result;
    exporter.set(GetParam(), rows[row].exporter);
    importer.set(GetParam(), rows[row].importer);
    result.set(GetParam(), rows[row].result);
    const Merge merged = merge(exporter, importer);
    EXPECT_EQ(merged.result, result) << "row " << row;
    const std::vector<Letter> contradicted(rows[row].contradicted ? 1 : 0, GetParam());
    EXPECT_EQ(merged.contradicted, contradicted) << "row " << row;
  }
}

INSTANTIATE_TEST_SUITE_P(EachLetter, MergeTable, testing::ValuesIn(pax::letters));

TEST(Merge, LettersDoNotTouchEachOther) {
  const Merge merged = merge(letters("PmR"), letters("pEs"));
  EXPECT_EQ(merged.result, letters("pEmRs"));
  EXPECT_EQ(merged.contradicted, std::vector{Letter::P});
}

TEST(Merge, AFirstMarkingGetsEOffUnlessEIsSet) {
  EXPECT_EQ(merge(letters("m"), std::nullopt).result, letters("em"));
  EXPECT_EQ(merge(letters("Em"), std::nullopt).result, letters("Em"));
  EXPECT_EQ(merge(letters("E"), std::nullopt).result, letters("E"));
}

TEST(Merge, AnEmptyMarkingIsAMarkingAndGetsNoFiller) { EXPECT_EQ(merge(letters("m"), Marking{}).result, letters("m")); }

TEST(Merge, NothingToCarryLeavesAnUnmarkedFileUnmarked) { EXPECT_TRUE(merge(Marking{}, std::nullopt).result.empty()); }

TEST(PlanEdit, SetsWhatTheMergeAddsToTheXattr) {
  const Edit edit = plan_edit(letters("m"), with_xattr("e"));
  EXPECT_EQ(edit.decision, Decision::set);
  EXPECT_EQ(edit.before, letters("e"));
  EXPECT_EQ(edit.after, letters("em"));
  EXPECT_FALSE(edit.replaces_void);
}

TEST(PlanEdit, KeepsWhatIsRightAlready) {
  EXPECT_EQ(plan_edit(letters("m"), with_xattr("em")).decision, Decision::keep);
  EXPECT_EQ(plan_edit(Marking{}, Stores{}).decision, Decision::keep);
}

TEST(PlanEdit, KeepsAndReportsWhatContradicts) {
  const Edit edit = plan_edit(letters("m"), with_xattr("M"));
  EXPECT_EQ(edit.decision, Decision::keep);
  EXPECT_EQ(edit.contradicted, std::vector{Letter::M});
}

TEST(PlanEdit, TakesAMalformedXattrForNoneAndSaysSo) {
  const Edit edit = plan_edit(letters("m"), with_xattr("-m---"));
  EXPECT_EQ(edit.decision, Decision::set);
  EXPECT_EQ(edit.before, std::nullopt);
  EXPECT_EQ(edit.after, letters("em"));
  EXPECT_TRUE(edit.replaces_void);
}

TEST(PlanEdit, SkipsAFileWithAPtPaxHeaderEvenAVoidOne) {
  constexpr std::uint32_t default_header = 0x2800, both_of_p = 0x30;
  EXPECT_EQ(plan_edit(letters("m"), {.xattr = {}, .header = default_header, .ei_pax = 0}).decision,
            Decision::skip_header);
  EXPECT_EQ(plan_edit(letters("m"), {.xattr = {}, .header = both_of_p, .ei_pax = 0}).decision, Decision::skip_header);
  EXPECT_EQ(plan_edit(letters("m"), {.xattr = "e", .header = default_header, .ei_pax = 0}).decision,
            Decision::skip_header);
}

TEST(PlanEdit, AHeaderThatIsRightAlreadyIsNoObstacle) {
  constexpr std::uint32_t m_off = 1U << 9U;
  EXPECT_EQ(plan_edit(letters("m"), {.xattr = {}, .header = m_off, .ei_pax = 0}).decision, Decision::keep);
}

TEST(PlanEdit, SkipsAFirstXattrThatWouldHideAnEiMarking) {
  EXPECT_EQ(plan_edit(letters("m"), {.xattr = {}, .header = {}, .ei_pax = 8}).decision, Decision::skip_ei);
  EXPECT_EQ(plan_edit(letters("m"), {.xattr = "e", .header = {}, .ei_pax = 8}).decision, Decision::set);
}

TEST(PlanEdit, NeverPlansWhatAKernelRefuses) {
  EXPECT_EQ(plan_edit(letters("p"), Stores{}).decision, Decision::refused_by_kernel);         // pe: M stays on
  EXPECT_EQ(plan_edit(letters("p"), with_xattr("em")).decision, Decision::set);               // pem
  EXPECT_EQ(plan_edit(letters("M"), with_xattr("e")).decision, Decision::refused_by_kernel);  // soft mode
}

}  // namespace
}  // namespace revdep::migrate
