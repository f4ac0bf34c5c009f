// Claims: what is taken back and what stays ours. Rows by hand.
#include "migrate/claims.h"

#include <gtest/gtest.h>

namespace revdep::migrate {
namespace {

using pax::Letter;
using pax::Stores;

pax::Relaxations asking(std::string_view letters) { return pax::asked_by(pax::parse_letters(letters).value()); }
Stores stores(std::optional<std::string> xattr, std::optional<std::uint32_t> header = {}) {
  return {std::move(xattr), header, 0};
}
Claim claim(std::vector<Letter> letters, bool filler, bool created) {
  Claim ours;
  for (const Letter letter : letters) ours.reasons.push_back({letter, {"/lib/asker.so"}});
  ours.filler_e = filler;
  ours.created_xattr = created;
  return ours;
}

TEST(Withdrawal, NothingWhileItIsAskedFor) {
  EXPECT_EQ(plan_withdrawal(stores("em"), claim({Letter::M}, true, true), asking("m")), std::nullopt);
}

TEST(Withdrawal, TakesOurLettersOurFillerAndOurStore) {
  const auto withdrawal = plan_withdrawal(stores("em"), claim({Letter::M}, true, true), {});
  ASSERT_TRUE(withdrawal);
  EXPECT_EQ(withdrawal->after, stores({}));
  EXPECT_TRUE(withdrawal->store_removed);
  EXPECT_EQ(withdrawal->letters, std::vector{Letter::M});
}

TEST(Withdrawal, LeavesWhatOthersAddedSince) {
  EXPECT_EQ(plan_withdrawal(stores("emr"), claim({Letter::M}, true, true), {})->after, stores("er"));
}

TEST(Withdrawal, LeavesALetterThatSomeoneTurnedRound) {
  EXPECT_EQ(plan_withdrawal(stores("eM"), claim({Letter::M}, true, true), {}), std::nullopt);
}

TEST(Withdrawal, LeavesAStoreThatWasThereBefore) {
  EXPECT_EQ(plan_withdrawal(stores("m"), claim({Letter::M}, false, false), {})->after, stores(""));
  EXPECT_EQ(plan_withdrawal(stores("em", 0x2a00), claim({Letter::M}, false, true), {})->after, stores({}, 0x2800));
}

TEST(Withdrawal, AnEThatNobodySaidIsDueAgainWhereOursGoes) {
  const Claim ours = claim({Letter::E, Letter::M}, true, true);
  EXPECT_EQ(plan_withdrawal(stores("Em"), ours, asking("m"))->after.xattr, "em");
  EXPECT_EQ(plan_withdrawal(stores("Em"), ours, {})->after, stores({}));
  EXPECT_EQ(plan_withdrawal(stores("Em"), claim({Letter::E}, false, false), {})->after.xattr, "m");
}

TEST(Withdrawal, AHeaderKeepsTheEThatKeepsEmutrampOff) {
  // 0x1a00 is E, m and RANDEXEC off; 0x2a00 e, m and the same; 0x2800 the old toolchain's.
  EXPECT_EQ(plan_withdrawal(stores({}, 0x1a00), claim({Letter::E, Letter::M}, true, false), {})->after,
            stores({}, 0x2800));
  EXPECT_EQ(plan_withdrawal(stores({}, 0x2a00), claim({Letter::M}, true, false), {})->after, stores({}, 0x2800));
}

TEST(Withdrawal, WhatPBroughtGoesWithIt) {
  const Claim first = claim({Letter::P, Letter::M}, true, true);
  EXPECT_EQ(plan_withdrawal(stores("pem"), first, asking("p")), std::nullopt);
  EXPECT_EQ(plan_withdrawal(stores("pem"), first, asking("m"))->after.xattr, "em");
  EXPECT_EQ(plan_withdrawal(stores("pem"), first, {})->after, stores({}));
  // Where the file's own `m` had switched EMUTRAMP on, it does again.
  EXPECT_EQ(plan_withdrawal(stores("pem"), claim({Letter::P, Letter::E}, false, false), {})->after.xattr, "m");
}

JournalledEdit edit(const Stores& before, const Stores& after, std::vector<Reason> reasons) {
  JournalledEdit made;
  made.file = {"/usr/bin/x", 1, std::string(64, 'a')};
  made.before = before;
  made.after = after;
  made.reasons = std::move(reasons);
  return made;
}
const Reason m_asked{Letter::M, {"/lib/a.so"}};
const Reason p_asked{Letter::P, {"/lib/p.so"}};

TEST(ReplayClaim, IsWhatAnEditWithReasonsSet) {
  const auto ours = replay_claim({edit(stores({}), stores("em"), {m_asked})});
  ASSERT_TRUE(ours);
  EXPECT_EQ(ours->reasons, std::vector{m_asked});
  EXPECT_TRUE(ours->filler_e);
  EXPECT_TRUE(ours->created_xattr);
  EXPECT_EQ(ours->file.path, "/usr/bin/x");
}

TEST(ReplayClaim, WhatStoodBeforeIsNotOurs) {
  const auto ours = replay_claim({edit(stores("e"), stores("em"), {m_asked})});
  ASSERT_TRUE(ours);
  EXPECT_FALSE(ours->filler_e);
  EXPECT_FALSE(ours->created_xattr);
  EXPECT_EQ(replay_claim({edit(stores("m"), stores("m", 0x2200), {m_asked})}), std::nullopt);
}

TEST(ReplayClaim, AnEIsSomeonesWordUnlessWeOrTheOldToolchainPutItThere) {
  const Reason e_asked{Letter::E, {"/lib/e.so"}};
  const auto becomes_em = [](const Stores& before, const Stores& after) {
    return replay_claim({edit(before, after, {m_asked})}).value();
  };
  EXPECT_TRUE(is_filler(becomes_em(stores({}, 0x2800), stores({}, 0x2a00))));
  EXPECT_FALSE(is_filler(becomes_em(stores({}, 0x2000), stores({}, 0x2200))));
  EXPECT_FALSE(is_filler(becomes_em(stores("e"), stores("em"))));
  // Where we set E ourselves, an `e` that stands there now is someone's.
  const auto with_e = replay_claim({edit(stores({}), stores("Em"), {e_asked, m_asked})}).value();
  EXPECT_TRUE(with_e.filler_e);
  EXPECT_FALSE(is_filler(with_e));
  const Reason admins{Letter::E, {}};
  EXPECT_FALSE(
      replay_claim({edit(stores({}), stores("em"), {m_asked}), edit(stores("em"), stores("em"), {admins})})->filler_e);
}

TEST(ReplayClaim, WhatPBringsBelongsToItsAskers) {
  const auto ours = replay_claim({edit(stores({}), stores("pem"), {p_asked})});
  ASSERT_TRUE(ours);
  EXPECT_EQ(ours->reasons, (std::vector<Reason>{{Letter::P, {"/lib/p.so"}}, {Letter::M, {"/lib/p.so"}}}));
  EXPECT_TRUE(ours->filler_e);
  const auto dropped = replay_claim({edit(stores("m"), stores("pem"), {p_asked})});
  EXPECT_EQ(dropped->reasons, (std::vector<Reason>{{Letter::P, {"/lib/p.so"}}, {Letter::E, {"/lib/p.so"}}}));
}

TEST(ReplayClaim, LaterEditsAddAndTake) {
  const Reason r_asked{Letter::R, {"/lib/b.so"}};
  const JournalledEdit first = edit(stores({}), stores("em"), {m_asked});
  const JournalledEdit second = edit(stores("em"), stores("emr"), {m_asked, r_asked});
  EXPECT_EQ(replay_claim({first, second})->reasons, (std::vector{m_asked, r_asked}));
  const JournalledEdit withdrawn = edit(stores("emr"), stores("er"), {r_asked});
  EXPECT_EQ(replay_claim({first, second, withdrawn})->reasons, std::vector{r_asked});
  EXPECT_TRUE(replay_claim({first, second, withdrawn})->filler_e);
}

TEST(ReplayClaim, AnUndoTakesAndARedoGivesBack) {
  const JournalledEdit made = edit(stores({}), stores("em"), {m_asked});
  const JournalledEdit undone = edit(stores("em"), stores({}), {});
  const JournalledEdit redone = edit(stores({}), stores("em"), {m_asked});
  EXPECT_EQ(replay_claim({made, undone}), std::nullopt);
  EXPECT_EQ(replay_claim({made, undone, redone}), replay_claim({made}));
}

TEST(ReplayClaim, AnAdminsCommandIsNotOursAndLeavesOurs) {
  const JournalledEdit made = edit(stores({}, 0x2800), stores("em", 0x2a00), {m_asked});
  EXPECT_EQ(replay_claim({edit(stores({}), stores("em"), {})}), std::nullopt);
  EXPECT_EQ(replay_claim({made, edit(stores("em", 0x2a00), stores("emr", 0xaa00), {})})->reasons, std::vector{m_asked});
  EXPECT_EQ(replay_claim({made, edit(stores("em", 0x2a00), stores("eM", 0x2900), {})}), std::nullopt);
  const JournalledEdit by_hand = edit(stores("em", 0x2a00), stores("emr", 0xaa00), {{Letter::M, {}}, {Letter::R, {}}});
  EXPECT_EQ(replay_claim({made, by_hand}), std::nullopt);
}

}  // namespace
}  // namespace revdep::migrate
