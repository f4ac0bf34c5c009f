// The merge table is the original tool's, written out by hand.
#include "migrate/compatible.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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

constexpr std::uint32_t header_e = 0x2800;  // the old toolchain's default
constexpr std::uint32_t e_off = 1U << 13U, m_off = 1U << 9U, both_of_p = 3U << 4U;

Stores with_header(std::uint32_t p_flags, std::optional<std::string> xattr = {}) {
  return {.xattr = std::move(xattr), .header = p_flags, .ei_pax = 0};
}

// Of an unknown kernel on amd64.
RelaxationPolicy policy() {
  RelaxationPolicy usual;
  usual.kernels = kernels_for({}, {62, elf::Class::elf64, elf::ByteOrder::little});
  return usual;
}

FilePlan plan(std::string_view exporter, const Stores& importer) {
  return plan_compatible(letters(exporter), importer, policy());
}

TEST(PlanCompatible, SetsWhatTheMergeAddsToTheXattr) {
  const FilePlan edit = plan("m", with_xattr("e"));
  EXPECT_EQ(edit.judgement, Judgement::edit);
  EXPECT_EQ(edit.letters, letters("em"));
  EXPECT_EQ(edit.after, with_xattr("em"));
  EXPECT_FALSE(edit.replaces_void || edit.mends);
}

TEST(PlanCompatible, AFirstMarkingHasAnE) {
  const FilePlan filled = plan("m", Stores{});
  EXPECT_EQ(filled.after, with_xattr("em"));
  const FilePlan carried = plan("em", Stores{});
  EXPECT_EQ(carried.after, with_xattr("em"));
}

TEST(PlanCompatible, LeavesWhatIsRightAlready) {
  EXPECT_EQ(plan("m", with_xattr("em")).judgement, Judgement::right);
  EXPECT_EQ(plan("", Stores{}).judgement, Judgement::right);
  EXPECT_EQ(plan("m", with_header(m_off)).judgement, Judgement::right);
}

TEST(PlanCompatible, AContradictionAloneChangesNothing) {
  const FilePlan kept = plan("m", with_xattr("PeM"));
  EXPECT_EQ(kept.judgement, Judgement::right);
  EXPECT_EQ(kept.contradicted, std::vector{Letter::M});
}

TEST(PlanCompatible, WhatDoesNotContradictIsCarriedAllTheSame) {
  const FilePlan edit = plan("mr", with_xattr("eR"));
  EXPECT_EQ(edit.after, with_xattr("emR"));
  EXPECT_EQ(edit.contradicted, std::vector{Letter::R});
}

TEST(PlanCompatible, ForceMakesTheExporterWin) {
  RelaxationPolicy forced = policy();
  forced.force = true;
  const FilePlan edit = plan_compatible(letters("m"), with_xattr("PeM"), forced);
  EXPECT_EQ(edit.judgement, Judgement::edit);
  EXPECT_EQ(edit.after, with_xattr("Pem"));
  EXPECT_EQ(edit.contradicted, std::vector<Letter>{});
}

TEST(PlanCompatible, TakesAMalformedXattrForNoneAndSaysSo) {
  const FilePlan edit = plan("m", with_xattr("-m---"));
  EXPECT_EQ(edit.judgement, Judgement::edit);
  EXPECT_EQ(edit.after, with_xattr("em"));
  EXPECT_TRUE(edit.replaces_void);
}

TEST(PlanCompatible, EditsTheHeaderInStepWithTheXattr) {
  const FilePlan first = plan("m", with_header(header_e));
  EXPECT_EQ(first.judgement, Judgement::edit);
  EXPECT_EQ(first.after, with_header(header_e | m_off, "em"));
  EXPECT_EQ(plan("r", with_header(header_e | m_off, "em")).after, with_header(header_e | m_off | 1U << 15U, "emr"));
  const FilePlan voided = plan("m", with_header(both_of_p));
  EXPECT_EQ(voided.after, with_header(e_off | m_off, "em"));
  EXPECT_TRUE(voided.replaces_void);
}

TEST(PlanCompatible, EditsOnlyTheHeaderWhereNoXattrMayBeMade) {
  RelaxationPolicy header_only = policy();
  header_only.creates = Creates::nothing;
  EXPECT_EQ(plan_compatible(letters("m"), with_header(header_e), header_only).after, with_header(header_e | m_off));
  const FilePlan nowhere = plan_compatible(letters("m"), Stores{}, header_only);
  EXPECT_EQ(nowhere.judgement, Judgement::refused);
  EXPECT_EQ(nowhere.reason, "it has no store that the kernel reads, and none may be made");
}

TEST(PlanCompatible, MendsAFileWhoseStoresDisagree) {
  const FilePlan edit = plan("r", with_header(header_e, "em"));
  EXPECT_EQ(edit.after, with_header(header_e | m_off | 1U << 15U, "emr"));
  EXPECT_TRUE(edit.mends);
  EXPECT_FALSE(plan("r", with_header(header_e | m_off, "em")).mends);
}

TEST(PlanCompatible, RefusesAFirstXattrThatMayHideAnEiMarking) {
  const Stores ei{.xattr = {}, .header = {}, .ei_pax = 8};
  EXPECT_EQ(plan("m", ei).judgement, Judgement::refused);
  EXPECT_NE(plan("m", ei).reason.find("EI_PAX"), std::string::npos);
  EXPECT_EQ(plan("m", {.xattr = "e", .header = {}, .ei_pax = 8}).judgement, Judgement::edit);
  RelaxationPolicy known = policy();
  known.kernels = kernels_for({pax::Kernel{}}, {});
  known.kernel_known = true;
  EXPECT_EQ(plan_compatible(letters("m"), ei, known).judgement, Judgement::edit);
}

TEST(PlanCompatible, NeverPlansWhatAKernelRefuses) {
  EXPECT_EQ(plan("p", Stores{}).judgement, Judgement::refused);         // pe: M stays on
  EXPECT_EQ(plan("p", with_xattr("em")).judgement, Judgement::edit);    // pem
  EXPECT_EQ(plan("M", with_xattr("e")).judgement, Judgement::refused);  // soft mode
  EXPECT_EQ(plan("p", Stores{}).reason,
            "a kernel would refuse to run it with pe---: MPROTECT needs PAGEEXEC or SEGMEXEC");
}

}  // namespace
}  // namespace revdep::migrate
