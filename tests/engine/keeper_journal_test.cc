// Between its turns a keeper goes by what it knows of the journal, until others write to it.
#include "engine/keeper_fixture.h"
#include "migrate/journal.h"

namespace revdep::engine {
namespace {

class KeeperJournal : public KeeperTest {
 protected:
  [[nodiscard]] std::string state() const { return root_->file("/var/lib/revdep-pax/state.db"); }
  [[nodiscard]] migrate::Journal open() const {
    return migrate::Journal::open(state(), migrate::Journal::Access::write).value();
  }
  // The library does not ask any more.
  std::string after_the_library_was_exchanged() {
    root_->merge(jit("", "2"), "lib/jit-1");
    return brief(turn({"lib/jit-1", "lib/jit-2"}));
  }
};

TEST_F(KeeperJournal, WhatItMarkedInOneTurnItWithdrawsInTheNext) {
  turn();
  root_->merge(user("app/b-1", "/usr/bin/b"));
  EXPECT_EQ(brief(turn({"app/b-1"})), "marked /usr/bin/b\n");
  EXPECT_EQ(after_the_library_was_exchanged(), "withdrawn /usr/bin/a\nwithdrawn /usr/bin/b\n");
}

TEST_F(KeeperJournal, AClaimThatAnotherRunGaveUpIsNoneAnyMore) {
  turn();
  ASSERT_EQ(flags("/usr/bin/a"), "em");
  ASSERT_EQ(open().forget_claim("/usr/bin/a"), std::nullopt);
  EXPECT_EQ(after_the_library_was_exchanged(), "");
  EXPECT_EQ(flags("/usr/bin/a"), "em") << "it is the admin's now";
}

TEST_F(KeeperJournal, AJournalThatIsRemovedIsBegunAnew) {
  turn();
  ASSERT_TRUE(std::filesystem::remove(state()));
  root_->merge(user("app/b-1", "/usr/bin/b"));
  EXPECT_EQ(brief(turn({"app/b-1"})), "marked /usr/bin/b\n");
  const auto claims = open().claims();
  ASSERT_TRUE(claims);
  ASSERT_EQ(claims->size(), 1U);
  EXPECT_EQ(claims->front().file.path, "/usr/bin/b");
}

TEST_F(KeeperJournal, AHoldOfAnotherRunIsKept) {
  turn();
  {
    migrate::Journal journal = open();
    const auto run = journal.begin_run("undo", 0, 1).value();
    root_->merge(user("app/b-1", "/usr/bin/b"));
    const auto tree = base::Tree::open(root_->directory());
    const auto identity = migrate::read_identity(*tree, "/usr/bin/b");
    ASSERT_TRUE(identity);
    ASSERT_EQ(journal.add_hold({*identity, {pax::Letter::M}, run}), std::nullopt);
  }
  EXPECT_EQ(brief(turn({"app/b-1"})), "");
  EXPECT_EQ(flags("/usr/bin/b"), "none");
}

}  // namespace
}  // namespace revdep::engine
