// A journal that stays open between runs: what it read holds until someone else writes.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include "migrate/journal.h"
#include "support/temp_dir.h"

namespace revdep::migrate {
namespace {

using pax::Letter;

class KeptJournal : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "a journal is root's";
  }
  [[nodiscard]] std::string path() const { return (directory_ / "state.db").string(); }
  [[nodiscard]] Journal open() const {
    auto journal = Journal::open(path(), Journal::Access::write);
    if (!journal) throw std::runtime_error(journal.error().to_string());
    return std::move(*journal);
  }
  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
      names.push_back(entry.path().filename());
    }
    return names;
  }
  static JournalledEdit edit() {
    JournalledEdit edit;
    edit.file = {"/usr/bin/x", 1, std::string(64, 'a')};
    edit.names = {"/usr/bin/x"};
    edit.after.xattr = "em";
    edit.reasons = {{Letter::M, {"/usr/lib/libjit.so"}}};
    return edit;
  }
  support::TempDir directory_;
};

TEST_F(KeptJournal, OwnWritesLeaveItCurrentOnceTheyAreMarked) {
  Journal journal = open();
  EXPECT_TRUE(journal.is_current(path()));
  ASSERT_TRUE(journal.begin_run("x", 0, 1));
  journal.mark_current();
  EXPECT_TRUE(journal.is_current(path()));
  EXPECT_FALSE(journal.is_current(path() + "2")) << "another one is asked for";
}

TEST_F(KeptJournal, SoMuchAsOneRunOfAnotherIsNoticed) {
  Journal journal = open();
  ASSERT_TRUE(open().begin_run("other", 0, 1));
  EXPECT_FALSE(journal.is_current(path()));
  journal.mark_current();
  EXPECT_FALSE(journal.is_current(path())) << "what was written before the mark was not read either";
}

TEST_F(KeptJournal, AnotherFileInItsPlaceIsNoticed) {
  const Journal journal = open();
  std::filesystem::copy_file(path(), path() + ".copy");
  std::filesystem::rename(path() + ".copy", path());
  EXPECT_FALSE(journal.is_current(path()));
  std::filesystem::remove(path());
  EXPECT_FALSE(journal.is_current(path()));
}

// Not by way of SQLite, whose count of commits stays.
TEST_F(KeptJournal, BytesThatSomeoneWritesAreNoticed) {
  const Journal journal = open();
  ASSERT_EQ(::truncate(path().c_str(), static_cast<off_t>(std::filesystem::file_size(path())) + 4096), 0);
  EXPECT_FALSE(journal.is_current(path()));
}

TEST_F(KeptJournal, OneThatIsMissingIsNeverCurrent) {
  const auto journal = Journal::open(path(), Journal::Access::read);
  ASSERT_TRUE(journal);
  EXPECT_FALSE(journal->is_current(path()));
}

TEST_F(KeptJournal, WhatKeepsItsRollbackJournalRemovesItInTheEnd) {
  {
    Journal journal = open();
    ASSERT_EQ(journal.keep_open(), std::nullopt);
    ASSERT_TRUE(journal.begin_run("x", 0, 1));
    EXPECT_THAT(files(), testing::UnorderedElementsAre("state.db", "state.db-journal"));
    // It is nothing to roll back: others read and write past it.
    EXPECT_EQ(Journal::open(path(), Journal::Access::read)->runs()->size(), 1U);
    ASSERT_TRUE(open().begin_run("other", 0, 1));
    ASSERT_TRUE(journal.begin_run("x", 0, 1));
  }
  EXPECT_THAT(files(), testing::ElementsAre("state.db"));
  EXPECT_EQ(open().runs()->size(), 3U);
}

TEST_F(KeptJournal, ARunAndItsFirstEditBeginAtOnce) {
  Journal journal = open();
  const auto begun = journal.begin({0, 7, 1000, "x", std::nullopt}, edit());
  ASSERT_TRUE(begun);
  const auto runs = journal.runs();
  ASSERT_EQ(runs->size(), 1U);
  EXPECT_EQ(runs->front(), (migrate::Run{begun->run, 7, 1000, "x", std::nullopt}));
  const auto open_edits = journal.open_edits();
  ASSERT_EQ(open_edits->size(), 1U);
  EXPECT_EQ(open_edits->front().id, begun->edit);
  EXPECT_EQ(open_edits->front().run, begun->run);
}

TEST_F(KeptJournal, AnEditThatIsFinishedGivesItsClaim) {
  Journal journal = open();
  JournalledEdit made = edit();
  const auto begun = journal.begin({0, 7, 0, "x", std::nullopt}, made);
  ASSERT_TRUE(begun);
  made.id = begun->edit;
  made.run = begun->run;
  const auto claim = journal.finish(made);
  ASSERT_TRUE(claim);
  ASSERT_TRUE(*claim);
  EXPECT_EQ((*claim)->file, made.file);
  EXPECT_EQ((*claim)->reasons, made.reasons);
  EXPECT_THAT(journal.claims().value(), testing::ElementsAre(**claim));
  EXPECT_TRUE(journal.open_edits()->empty());
}

TEST_F(KeptJournal, WhatCannotBeFinishedChangesNothing) {
  Journal journal = open();
  ASSERT_TRUE(journal.begin({0, 7, 0, "x", std::nullopt}, edit()));
  JournalledEdit other = edit();
  other.id = 99;
  EXPECT_FALSE(journal.finish(other));
  EXPECT_TRUE(journal.claims()->empty());
  EXPECT_EQ(journal.open_edits()->size(), 1U);
  EXPECT_TRUE(journal.begin_run("x", 0, 1)) << "no transaction is left open";
}

}  // namespace
}  // namespace revdep::migrate
