// What is asked of one file and what its stores become: rows derived by hand from the kernel's rules and the design's.
#include "migrate/relaxation.h"

#include <elf.h>
#include <gtest/gtest.h>

namespace revdep::migrate {
namespace {

using pax::Letter;
using pax::Stores;

constexpr elf::Abi amd64{EM_X86_64, elf::Class::elf64, elf::ByteOrder::little};
constexpr elf::Abi i386{EM_386, elf::Class::elf32, elf::ByteOrder::little};
constexpr std::uint32_t toolchain_default = 0x2800;

// "m", "pE": the letters that are asked for.
pax::Relaxations asking(std::string_view letters) { return pax::asked_by(pax::parse_letters(letters).value()); }

Stores stores(std::optional<std::string> xattr, std::optional<std::uint32_t> header = {}, std::uint8_t ei = 0) {
  return {std::move(xattr), header, ei};
}

RelaxationPolicy unknown_kernel(elf::Abi abi = amd64) {
  RelaxationPolicy policy;
  policy.kernels = kernels_for({}, abi);
  return policy;
}

RelaxationPolicy known_kernel(std::string_view text) {
  RelaxationPolicy policy;
  policy.kernels = kernels_for({pax::parse_kernel(text).value()}, amd64);
  policy.kernel_known = true;
  return policy;
}

TEST(Relaxation, AFirstMarkingIsTheChangeAndAFillerE) {
  const FilePlan plan = plan_relaxation(stores({}), asking("m"), unknown_kernel());
  EXPECT_EQ(plan.judgement, Judgement::edit);
  EXPECT_EQ(plan.after, stores("em"));
}

TEST(Relaxation, EmutrampAskedForNeedsNoFiller) {
  EXPECT_EQ(plan_relaxation(stores({}), asking("E"), unknown_kernel()).after, stores("E"));
  EXPECT_EQ(plan_relaxation(stores({}), asking("Em"), unknown_kernel()).after, stores("Em"));
}

// Rule 14: without PAGEEXEC neither MPROTECT nor EMUTRAMP can stay.
TEST(Relaxation, PBringsMAndE) {
  EXPECT_EQ(plan_relaxation(stores({}), asking("p"), unknown_kernel()).after, stores("pem"));
  EXPECT_EQ(plan_relaxation(stores({}), asking("pr"), unknown_kernel()).after, stores("pemr"));
  // E asked for beside p counts as granted when no S remains.
  EXPECT_EQ(plan_relaxation(stores({}), asking("pE"), unknown_kernel()).after, stores("pem"));
}

TEST(Relaxation, SIsNothingWhereThereIsNoSegmexec) {
  EXPECT_EQ(plan_relaxation(stores({}), asking("s"), unknown_kernel()).judgement, Judgement::right);
}

TEST(Relaxation, OnI386PNeedsToKnowWhetherSRemains) {
  EXPECT_EQ(plan_relaxation(stores({}), asking("m"), unknown_kernel(i386)).after, stores("em"));
  EXPECT_EQ(plan_relaxation(stores({}), asking("p"), unknown_kernel(i386)).judgement, Judgement::refused);
  EXPECT_EQ(plan_relaxation(stores({}), asking("p"), known_kernel("segmexec=yes")).after, stores("pe"));
  EXPECT_EQ(plan_relaxation(stores({}), asking("p"), known_kernel("segmexec=no")).after, stores("pem"));
}

TEST(Relaxation, WhatIsGrantedAlreadyIsRight) {
  EXPECT_EQ(plan_relaxation(stores("em"), asking("m"), unknown_kernel()).judgement, Judgement::right);
  EXPECT_EQ(plan_relaxation(stores("Pemrs"), asking("rm"), unknown_kernel()).judgement, Judgement::right);
  EXPECT_EQ(plan_relaxation(stores({}), {}, unknown_kernel()).judgement, Judgement::right);
}

// An admin's `m` without `e` switched EMUTRAMP on: nobody asked us to switch it off.
TEST(Relaxation, AMarkingWithoutEKeepsWhatItMeans) {
  EXPECT_EQ(plan_relaxation(stores("m"), asking("r"), unknown_kernel()).after, stores("mr"));
  EXPECT_EQ(plan_relaxation(stores(""), asking("m"), unknown_kernel()).after, stores("m"));
}

TEST(Relaxation, AnAdminsWordWins) {
  const FilePlan plan = plan_relaxation(stores("PeM"), asking("m"), unknown_kernel());
  EXPECT_EQ(plan.judgement, Judgement::refused);
  EXPECT_EQ(plan.contradicted, std::vector{Letter::M});
  const FilePlan partly = plan_relaxation(stores("PeM"), asking("mr"), unknown_kernel());
  EXPECT_EQ(partly.judgement, Judgement::edit);
  EXPECT_EQ(partly.after, stores("PeMr"));
  EXPECT_EQ(partly.contradicted, std::vector{Letter::M});
}

TEST(Relaxation, WhereSomeoneInsistsOnPNothingComesWithIt) {
  const FilePlan plan = plan_relaxation(stores("PeR"), asking("p"), unknown_kernel());
  EXPECT_EQ(plan.judgement, Judgement::refused);
  EXPECT_EQ(plan.contradicted, std::vector{Letter::P});
  const FilePlan partly = plan_relaxation(stores("PeM"), asking("pmr"), unknown_kernel());
  EXPECT_EQ(partly.after, stores("PeMr"));
  EXPECT_EQ(partly.contradicted, (std::vector{Letter::P, Letter::M}));
}

TEST(Relaxation, ForceLetsTheAskersWin) {
  RelaxationPolicy policy = unknown_kernel();
  policy.force = true;
  EXPECT_EQ(plan_relaxation(stores("PeM"), asking("m"), policy).after, stores("Pem"));
}

TEST(Relaxation, TheToolchainsEAndOurFillerAreNobodysWord) {
  const FilePlan plan = plan_relaxation(stores({}, toolchain_default), asking("E"), unknown_kernel());
  EXPECT_EQ(plan.judgement, Judgement::edit);
  EXPECT_EQ(plan.after.xattr, "E");
  EXPECT_EQ(plan.after.header, 0x1800U);  // E on, RANDEXEC's bit as it was

  EXPECT_EQ(plan_relaxation(stores("em"), asking("E"), unknown_kernel()).contradicted, std::vector{Letter::E});
  RelaxationPolicy ours = unknown_kernel();
  ours.own_filler = true;
  EXPECT_EQ(plan_relaxation(stores("em"), asking("E"), ours).after, stores("Em"));
}

TEST(Relaxation, AFirstXattrTakesTheHeadersLetters) {
  const FilePlan plan = plan_relaxation(stores({}, toolchain_default), asking("m"), unknown_kernel());
  EXPECT_EQ(plan.after.xattr, "em");
  EXPECT_EQ(plan.after.header, 0x2a00U);
}

TEST(Relaxation, WithoutLeaveToMakeAnXattrOnlyTheHeaderChanges) {
  RelaxationPolicy policy = unknown_kernel();
  policy.creates = Creates::nothing;
  EXPECT_EQ(plan_relaxation(stores({}, toolchain_default), asking("m"), policy).after, stores({}, 0x2a00U));
  EXPECT_EQ(plan_relaxation(stores({}), asking("m"), policy).judgement, Judgement::refused);
}

// Rule 10: a default header and the xattr `em` are refused together.
TEST(Relaxation, MendsAFileThatKernelsRefuseWhenItIsTouched) {
  const FilePlan plan = plan_relaxation(stores("em", toolchain_default), asking("r"), unknown_kernel());
  EXPECT_EQ(plan.judgement, Judgement::edit);
  EXPECT_TRUE(plan.mends);
  EXPECT_EQ(plan.after.xattr, "emr");
  EXPECT_EQ(plan.after.header, 0x2800U | 1U << 9U | 1U << 15U);
}

TEST(Relaxation, AVoidStoreIsReplacedAndSaid) {
  const FilePlan plan = plan_relaxation(stores("em--"), asking("m"), unknown_kernel());
  EXPECT_EQ(plan.after, stores("em"));
  EXPECT_TRUE(plan.replaces_void);
  const FilePlan header = plan_relaxation(stores({}, 0x300U), asking("m"), unknown_kernel());  // M and m
  EXPECT_EQ(header.after.header, 0x2200U);
  EXPECT_TRUE(header.replaces_void);
}

// A first marking would hide an EI byte: only with the kernel known can it be folded in.
TEST(Relaxation, AnEiByteIsFoldedInOrLeftAlone) {
  constexpr std::uint8_t randmmap_off = 8;
  EXPECT_EQ(plan_relaxation(stores({}, {}, randmmap_off), asking("m"), unknown_kernel()).judgement, Judgement::refused);
  EXPECT_EQ(plan_relaxation(stores({}, {}, randmmap_off), asking("m"), known_kernel("ei=yes")).after.xattr, "emr");
  EXPECT_EQ(plan_relaxation(stores({}, {}, randmmap_off), asking("m"), known_kernel("ei=no")).after.xattr, "em");
  EXPECT_EQ(plan_relaxation(stores("e", {}, randmmap_off), asking("m"), unknown_kernel()).after.xattr, "em");
}

TEST(Relaxation, AKernelWithoutEmutrampHasNothingToGrant) {
  EXPECT_EQ(plan_relaxation(stores({}), asking("E"), known_kernel("emutramp=no")).judgement, Judgement::right);
  EXPECT_EQ(plan_relaxation(stores({}), asking("Em"), known_kernel("emutramp=no")).after.xattr, "em");
}

}  // namespace
}  // namespace revdep::migrate
