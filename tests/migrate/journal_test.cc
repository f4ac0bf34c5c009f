#include "migrate/journal.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <stdexcept>

#include "support/command.h"
#include "support/temp_dir.h"

namespace revdep::migrate {

namespace {

using pax::Letter;

// Every byte that a name may have, and what SQL, UTF-8 and our own lists could stumble over.
const std::string odd_path = "/usr/lib/a b'\";\n\t\x01\x7f\x80\xff\xc3(/x%00\\--";
const std::string odd_rule = "rule 3: *.so\n\xfe";

Identity identity(std::string path, char digit = 'a') { return {std::move(path), 12345, std::string(64, digit)}; }

JournalledEdit odd_edit() {
  JournalledEdit edit;
  edit.file = identity(odd_path, '0');
  edit.names = {odd_path, "/usr/bin/second"};
  edit.before = {.xattr = std::string("\0p\xff"
                                      "abc",
                                      6),
                 .header = std::nullopt,
                 .ei_pax = 255};
  edit.after = {.xattr = std::nullopt, .header = 0xffffffff, .ei_pax = 0};
  edit.reasons = {{Letter::M, {odd_path, odd_rule}}, {Letter::E, {}}, {Letter::S, {"/x"}}};
  return edit;
}

JournalledEdit edit_of(std::vector<std::string> names) {
  JournalledEdit edit;
  edit.file = identity(names.front());
  edit.names = std::move(names);
  return edit;
}

class JournalTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "a journal is root's";
  }
  std::string path() { return (directory_ / "lib/revdep-pax/state.db").string(); }
  Journal open(Journal::Access access = Journal::Access::write) {
    auto journal = Journal::open(path(), access);
    if (!journal) throw std::runtime_error(journal.error().to_string());
    return std::move(*journal);
  }
  std::vector<std::string> files() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(path()).parent_path())) {
      names.push_back(entry.path().filename());
    }
    return names;
  }
  support::TempDir directory_;
};

TEST_F(JournalTest, ARunComesBackAsItWasNewestFirst) {
  auto journal = open();
  const std::string command = "revdep-pax -m \xff'\n" + odd_path;
  const auto first = journal.begin_run(command, 0xffffffff, -1);
  ASSERT_TRUE(first) << first.error().to_string();
  const auto second = journal.begin_run("", 1000, 1'700'000'000, *first);
  ASSERT_TRUE(second) << second.error().to_string();
  const std::vector<migrate::Run> expected = {{*second, 1'700'000'000, 1000, "", *first},
                                              {*first, -1, 0xffffffff, command, std::nullopt}};
  EXPECT_EQ(open(Journal::Access::read).runs().value(), expected);
}

TEST_F(JournalTest, AnEditComesBackAsItWasWithOddBytesEverywhere) {
  auto journal = open();
  const RunId run = journal.begin_run("x", 0, 1).value();
  const auto id = journal.begin_edit(run, odd_edit());
  ASSERT_TRUE(id) << id.error().to_string();
  JournalledEdit expected = odd_edit();
  expected.id = *id;
  expected.run = run;
  const auto read = open(Journal::Access::read).edits_of(run);
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(*read, std::vector{expected});
}

TEST_F(JournalTest, AnXattrThatIsEmptyIsNotOneThatIsAbsent) {
  auto journal = open();
  const RunId run = journal.begin_run("x", 0, 1).value();
  JournalledEdit edit = odd_edit();
  edit.before = {.xattr = "", .header = 0, .ei_pax = 0};
  edit.after = {};
  ASSERT_TRUE(journal.begin_edit(run, edit));
  const auto read = journal.edits_of(run);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->front().before, edit.before);
  EXPECT_EQ(read->front().after, edit.after);
}

TEST_F(JournalTest, OnlyEditsWithoutAnEndAreOpen) {
  auto journal = open();
  const RunId run = journal.begin_run("x", 0, 1).value();
  std::vector<EditId> ids;
  for (const char* name : {"/a", "/b", "/c", "/d"}) {
    ids.push_back(journal.begin_edit(run, edit_of({name})).value());
  }
  EXPECT_EQ(journal.end_edit(ids[0], EditState::done, std::nullopt), std::nullopt);
  EXPECT_EQ(journal.end_edit(ids[1], EditState::failed, std::nullopt), std::nullopt);
  EXPECT_EQ(journal.end_edit(ids[2], EditState::undone, std::nullopt), std::nullopt);
  const auto open_edits = journal.open_edits();
  ASSERT_TRUE(open_edits);
  ASSERT_EQ(open_edits->size(), 1U);
  EXPECT_EQ(open_edits->front().id, ids[3]);
  const auto all = journal.edits_of(run);
  ASSERT_TRUE(all);
  std::vector<EditState> states;
  for (const auto& edit : *all) states.push_back(edit.state);
  EXPECT_EQ(states, (std::vector{EditState::done, EditState::failed, EditState::undone, EditState::open}));
}

TEST_F(JournalTest, AClaimReplacesTheFilesEarlierOneUnderAnyOfItsNames) {
  auto journal = open();
  const RunId run = journal.begin_run("x", 0, 1).value();
  const auto claim_by = [&](const std::vector<std::string>& names, const std::optional<Claim>& claim) {
    const auto edit = journal.begin_edit(run, edit_of(names));
    EXPECT_EQ(journal.end_edit(edit.value(), EditState::done, claim), std::nullopt);
    return journal.claims().value();
  };
  const Claim first{identity("/b"), {{Letter::M, {"/lib/x"}}}, true, false};
  const Claim other{identity("/a"), {}, false, true};
  const Claim odd{identity(odd_path), {{Letter::M, {odd_path, odd_rule}}, {Letter::P, {}}}, true, true};
  EXPECT_EQ(claim_by({"/b"}, first), std::vector{first});
  EXPECT_EQ(claim_by({"/a"}, other), (std::vector{other, first}));  // by path
  EXPECT_EQ(claim_by({odd_path, "/b"}, odd), (std::vector{other, odd}));
  EXPECT_EQ(claim_by({"/a"}, std::nullopt), std::vector{odd});
  EXPECT_EQ(open(Journal::Access::read).claims().value(), std::vector{odd});
}

TEST_F(JournalTest, AnEditThatIsNotDoneLeavesTheClaimAlone) {
  auto journal = open();
  const RunId run = journal.begin_run("x", 0, 1).value();
  const Claim claim{identity("/a"), {{Letter::M, {"/lib/x"}}}, false, false};
  const EditId first = journal.begin_edit(run, edit_of({"/a"})).value();
  ASSERT_EQ(journal.end_edit(first, EditState::done, claim), std::nullopt);
  const EditId second = journal.begin_edit(run, edit_of({"/a"})).value();
  ASSERT_EQ(journal.end_edit(second, EditState::failed, std::nullopt), std::nullopt);
  EXPECT_EQ(journal.claims().value(), std::vector{claim});
}

TEST_F(JournalTest, AClaimThatCannotBeStoredLeavesItsEditOpen) {
  auto journal = open();
  const RunId run = journal.begin_run("x", 0, 1).value();
  const EditId edit = journal.begin_edit(run, edit_of({"/a"})).value();
  const Claim bad{{"/a", 1, "not a hash"}, {}, false, false};
  const auto error = journal.end_edit(edit, EditState::done, bad);
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->to_string(), "cannot journal a claim on /a: sha256 is not 64 lower-case hexadecimal digits");
  EXPECT_EQ(journal.open_edits()->size(), 1U);
  EXPECT_EQ(journal.end_edit(edit, EditState::done, std::nullopt), std::nullopt);
}

TEST_F(JournalTest, HoldsAreReleasedByPathByRunOrAll) {
  auto journal = open();
  const RunId one = journal.begin_run("undo", 0, 1).value();
  const RunId two = journal.begin_run("undo", 0, 2).value();
  const Hold a{identity("/a"), {Letter::M, Letter::P}, one};
  const Hold odd{identity(odd_path), {Letter::S}, one};
  const Hold a_again{identity("/a"), {Letter::R}, two};
  const Hold z{identity("/z"), {Letter::E}, two};
  for (const Hold& hold : {z, odd, a, a_again, a}) EXPECT_EQ(journal.add_hold(hold), std::nullopt);
  EXPECT_EQ(open(Journal::Access::read).holds().value(), (std::vector{a, a_again, odd, z}));
  EXPECT_EQ(journal.release("/none").value(), 0U);
  EXPECT_EQ(journal.release(odd_path).value(), 1U);
  EXPECT_EQ(journal.release_of(two), std::nullopt);
  EXPECT_EQ(journal.holds().value(), std::vector{a});
  EXPECT_EQ(journal.add_hold(z), std::nullopt);
  EXPECT_EQ(journal.release("").value(), 2U);
  EXPECT_TRUE(journal.holds()->empty());
}

TEST_F(JournalTest, OldRunsOfACommandAreForgottenUnlessSomethingStandsOnThem) {
  auto journal = open();
  const auto run_with = [&](const std::string& command, const std::string& name, const std::optional<Claim>& claim,
                            EditState state = EditState::done) {
    const RunId run = journal.begin_run(command, 0, 1).value();
    const auto edit = journal.begin_edit(run, edit_of({name}));
    if (state != EditState::open) {
      EXPECT_EQ(journal.end_edit(edit.value(), state, claim), std::nullopt);
    }
    return run;
  };
  const RunId claimed =
      run_with("daemon", "/claimed", Claim{identity("/claimed"), {{Letter::M, {"/lib/x"}}}, true, true});
  const RunId open_one = run_with("daemon", "/open", std::nullopt, EditState::open);
  const RunId undone = run_with("daemon", "/undone", std::nullopt);
  const RunId undoing = journal.begin_run("by hand", 0, 1, undone).value();
  const RunId held = run_with("daemon", "/held", std::nullopt);
  EXPECT_EQ(journal.add_hold({identity("/held"), {Letter::M}, held}), std::nullopt);
  const RunId by_hand = run_with("by hand", "/hand", std::nullopt);
  run_with("daemon", "/old", std::nullopt);
  const RunId kept = run_with("daemon", "/kept", std::nullopt);
  ASSERT_EQ(journal.prune("daemon", 1), std::nullopt);
  std::vector<RunId> left;
  const auto runs = journal.runs().value();
  for (const auto& run : runs) left.push_back(run.id);
  EXPECT_EQ(left, (std::vector{kept, by_hand, held, undoing, undone, open_one, claimed}));
  EXPECT_EQ(journal.edits_on("/claimed").value().size(), 1U);
  EXPECT_EQ(journal.edits_on("/hand").value().size(), 1U);
  EXPECT_EQ(journal.edits_on("/undone").value().size(), 0U);
  EXPECT_EQ(journal.edits_on("/old").value().size(), 0U);
}

TEST_F(JournalTest, AClaimCanBeForgotten) {
  auto journal = open();
  const RunId run = journal.begin_run("x", 0, 1).value();
  for (const char* const path : {"/a", "/b"}) {
    const auto edit = journal.begin_edit(run, edit_of({path})).value();
    ASSERT_EQ(journal.end_edit(edit, EditState::done, Claim{identity(path), {{Letter::M, {"/lib/x"}}}, true, true}),
              std::nullopt);
  }
  ASSERT_EQ(journal.forget_claim("/a"), std::nullopt);
  const auto claims = journal.claims().value();
  ASSERT_EQ(claims.size(), 1U);
  EXPECT_EQ(claims[0].file.path, "/b");
}

TEST_F(JournalTest, WhatCouldNotBeReadBackIsNotWritten) {
  auto journal = open();
  const RunId run = journal.begin_run("x", 0, 1).value();
  const auto reason = [&](auto&& spoil) {
    JournalledEdit edit = odd_edit();
    spoil(edit);
    const auto id = journal.begin_edit(run, edit);
    return id ? "stored" : id.error().reason;
  };
  EXPECT_EQ(reason([](auto& edit) { edit.file.path = "usr/bin/x"; }), "path is not canonical");
  EXPECT_EQ(reason([](auto& edit) { edit.file.path = "/usr/../bin/x"; }), "path is not canonical");
  EXPECT_EQ(reason([](auto& edit) { edit.file.path = std::string("/a\0b", 4); }), "path is not canonical");
  EXPECT_EQ(reason([](auto& edit) { edit.names.emplace_back(""); }), "a name is not canonical");
  EXPECT_EQ(reason([](auto& edit) { edit.names.emplace_back("/a//b"); }), "a name is not canonical");
  EXPECT_EQ(reason([](auto& edit) { edit.file.sha256[5] = 'A'; }), "sha256 is not 64 lower-case hexadecimal digits");
  EXPECT_EQ(reason([](auto& edit) { edit.file.size = 1ULL << 63U; }), "size is out of range");
  EXPECT_EQ(reason([](auto& edit) { edit.before.xattr = "PEMRS--"; }), "xattr is too long");
  EXPECT_EQ(reason([](auto& edit) { edit.reasons.push_back(edit.reasons[0]); }), "a letter comes twice");
  EXPECT_EQ(reason([](auto& edit) { edit.reasons[0].askers[0] = ""; }), "an asker is empty or has a NUL in it");
  EXPECT_TRUE(journal.edits_of(run)->empty());
  EXPECT_FALSE(journal.begin_edit(run + 1, odd_edit())) << "a run that is not there";
  EXPECT_TRUE(journal.end_edit(1, EditState::done, std::nullopt).has_value()) << "an edit that is not there";
  EXPECT_TRUE(journal.add_hold({identity("/a"), {}, run}).has_value()) << "no letter";
}

TEST_F(JournalTest, IsMadeReadableByAllAndWritableByRootWhateverTheUmask) {
  for (const mode_t mask : {0U, 0777U}) {
    const mode_t before = ::umask(mask);
    const bool opened = Journal::open(path(), Journal::Access::write).ok();
    ::umask(before);
    ASSERT_TRUE(opened);
    struct stat status {};
    ASSERT_EQ(::stat(path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode, S_IFREG | 0644U);
    for (auto parent = std::filesystem::path(path()).parent_path(); parent != directory_.path();
         parent = parent.parent_path()) {
      ASSERT_EQ(::stat(parent.c_str(), &status), 0);
      EXPECT_EQ(status.st_mode, S_IFDIR | 0755U) << parent;
    }
    std::filesystem::remove_all(directory_ / "lib");
  }
}

TEST_F(JournalTest, KeepsNoOtherFileBesideIt) {
  auto journal = open();
  ASSERT_TRUE(journal.begin_run("x", 0, 1));
  EXPECT_EQ(files(), std::vector<std::string>{"state.db"});
}

TEST_F(JournalTest, MayHaveAnyName) {
  const std::string name = (directory_ / "a?b=c&mode=memory#%41 '\xff.db").string();
  {
    auto journal = Journal::open(name, Journal::Access::write);
    ASSERT_TRUE(journal) << journal.error().to_string();
    ASSERT_TRUE(journal->begin_run("x", 0, 1));
  }
  EXPECT_TRUE(std::filesystem::exists(name));
  EXPECT_EQ(Journal::open(name, Journal::Access::read)->runs()->size(), 1U);
}

TEST_F(JournalTest, OneThatIsMissingIsEmptyToReadAndStaysMissing) {
  auto journal = open(Journal::Access::read);
  EXPECT_TRUE(journal.runs()->empty());
  EXPECT_TRUE(journal.open_edits()->empty());
  EXPECT_TRUE(journal.edits_of(1)->empty());
  EXPECT_TRUE(journal.claims()->empty());
  EXPECT_TRUE(journal.holds()->empty());
  EXPECT_EQ(journal.begin_run("x", 0, 1).error().reason, "it is open for reading, and missing");
  EXPECT_FALSE(std::filesystem::exists(directory_ / "lib"));
}

TEST_F(JournalTest, OneThatWasNeverWrittenIsEmptyToReadAndMadeToWrite) {
  support::write_file(path(), "");
  EXPECT_TRUE(open(Journal::Access::read).runs()->empty());
  EXPECT_EQ(support::read_file(path()), "");
  EXPECT_TRUE(open().begin_run("x", 0, 1));
}

TEST_F(JournalTest, IsKnownToFileAndToSqliteAsWhatItIs) {
  if (!support::have_program("sqlite3")) GTEST_SKIP() << "no sqlite3";
  open();
  const auto outcome = support::run({"sqlite3", path(),
                                     "PRAGMA application_id; PRAGMA user_version; PRAGMA journal_mode; "
                                     "PRAGMA integrity_check;"});
  EXPECT_EQ(outcome.out, "1917868129\n1\ndelete\nok\n");
}

}  // namespace
}  // namespace revdep::migrate
