// What the journal withstands: killed writers, readers without privilege, and databases that someone made up.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <random>

#include "migrate/journal.h"
#include "support/temp_dir.h"

namespace revdep::migrate {
namespace {

using Access = Journal::Access;
using pax::Letter;

constexpr uid_t nobody = 65534;

// In a child, whose exit status it gives; 255 when it was killed.
int in_child(const std::function<int()>& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

// Runs `work` in a child that is killed, by SIGKILL, once work has called its argument, which never returns.
void killed_at(const std::function<void(const std::function<void()>&)>& work) {
  int ends[2] = {};
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    work([&] {
      if (::write(ends[1], "x", 1) == 1) {
        while (true) ::pause();
      }
    });
    ::_exit(1);
  }
  ::close(ends[1]);
  char reached = 0;
  EXPECT_EQ(::read(ends[0], &reached, 1), 1) << "the child ended before";
  ::close(ends[0]);
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
}

JournalledEdit edit_of(const std::string& path) {
  JournalledEdit edit;
  edit.file = {path, 1, std::string(64, 'a')};
  edit.names = {path};
  edit.before.header = 0x2800;
  edit.after.xattr = "em";
  edit.reasons = {{Letter::M, {"/usr/lib/libjit.so", "a rule"}}};
  return edit;
}

class HostileJournal : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "a journal is root's";
    std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
  }
  std::string path() { return (directory_ / "state.db").string(); }

  // Two runs, edits, claims and a hold.
  void fill() {
    auto journal = Journal::open(path(), Access::write);
    ASSERT_TRUE(journal) << journal.error().to_string();
    const RunId run = journal->begin_run("revdep-pax -r -m", 0, 1).value();
    for (int i = 0; i < 6; ++i) {
      const JournalledEdit edit = edit_of("/usr/bin/x" + std::to_string(i));
      const EditId id = journal->begin_edit(run, edit).value();
      if (i == 5) break;  // stays open
      ASSERT_EQ(journal->end_edit(id, EditState::done, Claim{edit.file, edit.reasons, true, true}), std::nullopt);
    }
    const RunId undo = journal->begin_run("revdep-pax --undo", 0, 2, run).value();
    ASSERT_EQ(journal->add_hold({edit_of("/usr/bin/x0").file, {Letter::M}, undo}), std::nullopt);
  }

  // Runs statements behind the journal's back.
  void sql(const std::string& statements) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(path().c_str(), &database), SQLITE_OK);
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(database, statements.c_str(), nullptr, nullptr, &message), SQLITE_OK) << message;
    sqlite3_free(message);
    sqlite3_close(database);
  }

  // Opens and reads everything; the first error's text, or "".
  std::string read_all(Access access = Access::read) {
    const auto journal = Journal::open(path(), access);
    if (!journal) return journal.error().to_string();
    const auto runs = journal->runs();
    if (!runs) return runs.error().to_string();
    for (const auto& run : *runs) {
      if (const auto edits = journal->edits_of(run.id); !edits) return edits.error().to_string();
    }
    if (const auto open = journal->open_edits(); !open) return open.error().to_string();
    if (const auto claims = journal->claims(); !claims) return claims.error().to_string();
    if (const auto holds = journal->holds(); !holds) return holds.error().to_string();
    return {};
  }
  std::string error_text(const std::string& action, const std::string& reason) {
    return "cannot " + action + " the journal " + path() + ": " + reason;
  }
  void expect_both(const std::string& expected) {
    EXPECT_EQ(read_all(Access::read), expected);
    EXPECT_EQ(read_all(Access::write), expected);
  }
  std::vector<std::string> files() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
      names.push_back(entry.path().filename());
    }
    return names;
  }
  support::TempDir directory_;
};

TEST_F(HostileJournal, AnEditThatBeganIsThereAfterItsWriterWasKilled) {
  killed_at([&](const auto& here) {
    auto journal = Journal::open(path(), Access::write);
    if (!journal) return;
    const auto run = journal->begin_run("x", 0, 1);
    if (run && journal->begin_edit(*run, edit_of("/usr/bin/x"))) here();
  });
  const auto open = Journal::open(path(), Access::write)->open_edits();
  ASSERT_TRUE(open) << open.error().to_string();
  ASSERT_EQ(open->size(), 1U);
  JournalledEdit expected = edit_of("/usr/bin/x");
  expected.id = open->front().id;
  expected.run = 1;
  EXPECT_EQ(open->front(), expected);
  EXPECT_EQ(files(), std::vector<std::string>{"state.db"});
}

TEST_F(HostileJournal, AWriterKilledInTheMidstOfATransactionIsRecoveredByTheNextWriterAndNamedToReaders) {
  fill();
  killed_at([&](const auto& here) {
    sqlite3* database = nullptr;
    sqlite3_open(path().c_str(), &database);
    // A cache of one page: changed pages reach the file before the commit.
    if (sqlite3_exec(database,
                     "PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN; UPDATE edit SET path = zeroblob(5000);",
                     nullptr, nullptr, nullptr) == SQLITE_OK) {
      here();
    }
  });
  ASSERT_EQ(files().size(), 2U) << "no rollback journal to recover from";
  EXPECT_EQ(read_all(Access::read),
            error_text("read", "a run was killed while it wrote; the next one of root's that writes recovers it"));
  EXPECT_EQ(files().size(), 2U);
  EXPECT_EQ(read_all(Access::write), "");
  EXPECT_EQ(read_all(Access::read), "");
  EXPECT_EQ(files(), std::vector<std::string>{"state.db"});
}

TEST_F(HostileJournal, AnyoneReadsItAndOnlyRootWrites) {
  fill();
  EXPECT_EQ(in_child([&] {
              if (::setresgid(nobody, nobody, nobody) != 0 || ::setresuid(nobody, nobody, nobody) != 0) return 2;
              if (!read_all(Access::read).empty()) return 3;
              if (read_all(Access::write) != error_text("open", "only root can write to it")) return 4;
              auto journal = Journal::open(path(), Access::read);
              if (!journal || journal->claims()->size() != 5) return 5;
              if (journal->begin_run("x", 0, 1) || journal->release("")) return 6;
              return 0;
            }),
            0);
  EXPECT_EQ(Journal::open(path(), Access::read)->holds()->size(), 1U);
}

TEST_F(HostileJournal, ReadingChangesNothingEvenForRoot) {
  fill();
  const std::string before = support::read_file(path());
  auto journal = Journal::open(path(), Access::read);
  ASSERT_TRUE(journal);
  EXPECT_EQ(journal->begin_run("x", 0, 1).error().to_string(),
            error_text("write to", "attempt to write a readonly database"));
  EXPECT_TRUE(journal->add_hold({edit_of("/a").file, {Letter::M}, 1}).has_value());
  EXPECT_EQ(files(), std::vector<std::string>{"state.db"});
  EXPECT_EQ(support::read_file(path()), before);
}

TEST_F(HostileJournal, CanBeReadFromAReadOnlyFilesystem) {
  fill();
  constexpr int not_allowed = 77;
  const int status = in_child([&] {
    const char* const mount_point = directory_.path().c_str();
    if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount(mount_point, mount_point, nullptr, MS_BIND, nullptr) != 0 ||
        ::mount(nullptr, mount_point, nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) != 0) {
      return not_allowed;
    }
    if (!read_all(Access::read).empty()) return 1;
    return read_all(Access::write).empty() ? 2 : 0;
  });
  if (status == not_allowed) GTEST_SKIP() << "cannot mount";
  EXPECT_EQ(status, 0);
}

TEST_F(HostileJournal, FlippedBitsGiveAnErrorOrAnAnswer) {
  fill();
  const std::string valid = support::read_file(path());
  std::mt19937 random(3);
  int refused = 0;
  for (int round = 0; round < 500; ++round) {
    std::string bytes = valid;
    for (auto flips = 1 + random() % 8; flips > 0; --flips) {
      // Half of them in the header and the schema, where they do most.
      const std::size_t at = random() % (random() % 2 == 0 ? 600 : bytes.size());
      bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ (1U << random() % 8));
    }
    support::write_file(path(), bytes);
    const std::string problem = read_all(round % 2 == 0 ? Access::read : Access::write);
    if (problem.empty()) continue;
    ++refused;
    EXPECT_NE(problem.find(path()), std::string::npos) << problem;
    if (HasFailure()) break;
  }
  EXPECT_GT(refused, 100);
  for (const std::string& name : files()) EXPECT_TRUE(name == "state.db") << name;
}

TEST_F(HostileJournal, ATruncatedOneIsRefused) {
  fill();
  const std::string valid = support::read_file(path());
  for (const std::size_t size :
       {valid.size() - 1, valid.size() / 2, std::size_t{4096}, std::size_t{100}, std::size_t{2}}) {
    support::write_file(path(), valid.substr(0, size));
    EXPECT_NE(read_all(Access::read), "") << size;
    EXPECT_NE(read_all(Access::write), "") << size;
  }
}

TEST_F(HostileJournal, AnotherProgramsDatabaseIsRefusedAndLeftAlone) {
  sql("CREATE TABLE t (x); PRAGMA user_version = 1;");
  const std::string before = support::read_file(path());
  expect_both(error_text("use", "it is a database of another program"));
  EXPECT_EQ(support::read_file(path()), before);
  support::write_file(
      path(), "no database at all, but long enough to be looked at as if it were one, which is 100 bytes or so");
  expect_both(error_text("read", "file is not a database"));
}

TEST_F(HostileJournal, OneOfALaterVersionIsRefused) {
  fill();
  sql("PRAGMA user_version = 2");
  expect_both(error_text("use", "it is of a later version (schema 2, known is 1)"));
  sql("PRAGMA user_version = -1");
  expect_both(error_text("use", "schema version -1 is unknown"));
}

TEST_F(HostileJournal, OtherTablesAreRefused) {
  const std::string expected = error_text("use", "its tables are not those of schema 1");
  fill();
  const std::string valid = support::read_file(path());
  for (const char* const change :
       {"CREATE TRIGGER t AFTER INSERT ON run BEGIN DELETE FROM claim; END", "DROP TABLE hold",
        "CREATE VIEW v AS SELECT 1",
        "DROP TABLE claim; CREATE TABLE claim (id TEXT, path REAL, size, sha256, reasons, filler_e, created_xattr)",
        "ALTER TABLE edit ADD COLUMN more TEXT", "DROP TABLE claim; CREATE VIEW claim AS SELECT * FROM hold"}) {
    support::write_file(path(), valid);
    sql(change);
    expect_both(expected);
  }
}

TEST_F(HostileJournal, WalModeIsRefusedBeforeSqliteMakesFilesForIt) {
  fill();
  sql("PRAGMA journal_mode = WAL");
  expect_both(error_text("use", "it is not in rollback mode"));
  EXPECT_EQ(files(), std::vector<std::string>{"state.db"});
}

TEST_F(HostileJournal, ARowThatIsNotValidIsNamed) {
  fill();
  const std::string valid = support::read_file(path());
  const std::string hash(64, 'g');
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"UPDATE run SET uid = -1 WHERE id = 2", "row 2 of table run: uid is out of range"},
      {"UPDATE run SET time = 0.5 WHERE id = 1", "row 1 of table run: time is of the wrong type"},
      {"UPDATE run SET command = 'text' WHERE id = 1", "row 1 of table run: command is of the wrong type"},
      {"UPDATE edit SET path = 'text' WHERE id = 3", "row 3 of table edit: path is of the wrong type"},
      {"UPDATE edit SET path = x'2f2e2e2f61' WHERE id = 3", "row 3 of table edit: path is not canonical"},
      {"UPDATE edit SET path = x'2f6100' WHERE id = 3", "row 3 of table edit: path is not canonical"},
      {"UPDATE edit SET size = -1 WHERE id = 3", "row 3 of table edit: size is out of range"},
      {"UPDATE edit SET sha256 = '" + hash + "' WHERE id = 3",
       "row 3 of table edit: sha256 is not 64 lower-case hexadecimal digits"},
      {"UPDATE edit SET names = x'2f61' WHERE id = 3", "row 3 of table edit: names ends within a name"},
      {"UPDATE edit SET names = x'6100' WHERE id = 3", "row 3 of table edit: a name is not canonical"},
      {"UPDATE edit SET state = 'gone' WHERE id = 3", "row 3 of table edit: state is unknown"},
      {"UPDATE edit SET before_xattr = 7 WHERE id = 3", "row 3 of table edit: xattr is of the wrong type"},
      {"UPDATE edit SET before_xattr = zeroblob(7) WHERE id = 3", "row 3 of table edit: xattr is too long"},
      {"UPDATE edit SET after_header = 4294967296 WHERE id = 3", "row 3 of table edit: header is out of range"},
      {"UPDATE edit SET after_ei = 256 WHERE id = 3", "row 3 of table edit: ei is out of range"},
      {"UPDATE edit SET reasons = x'4d' WHERE id = 3", "row 3 of table edit: reasons ends within a reason"},
      {"UPDATE edit SET reasons = x'6d00' WHERE id = 3", "row 3 of table edit: reasons has an unknown letter"},
      {"UPDATE edit SET reasons = x'4d004d00' WHERE id = 3", "row 3 of table edit: a letter comes twice"},
      {"UPDATE claim SET filler_e = 2 WHERE id = 4", "row 4 of table claim: filler_e is out of range"},
      {"UPDATE claim SET path = zeroblob(0) WHERE id = 4", "row 4 of table claim: path is not canonical"},
      {"UPDATE hold SET letters = ''", "row 1 of table hold: it holds no letter"},
      {"UPDATE hold SET letters = 'MM'", "row 1 of table hold: a letter comes twice"},
      {"UPDATE hold SET letters = 'x'", "row 1 of table hold: letters has an unknown letter"},
      {"UPDATE hold SET run = 99", "row 1 of table hold names a run that is not there"},
  };
  for (const auto& [statement, expected] : cases) {
    support::write_file(path(), valid);
    sql(statement);
    expect_both(error_text("use", expected));
  }
}

TEST_F(HostileJournal, OnlyARegularFileIsOpened) {
  const std::string expected = error_text("open", "not a regular file");
  std::filesystem::create_directory(path());
  expect_both(expected);
  std::filesystem::remove(path());
  ASSERT_EQ(::mkfifo(path().c_str(), 0644), 0);
  expect_both(expected);
  std::filesystem::remove(path());
  std::filesystem::create_symlink("elsewhere.db", path());
  expect_both(expected);
  EXPECT_FALSE(std::filesystem::exists(directory_ / "elsewhere.db"));
}

TEST_F(HostileJournal, OneThatOthersCanWriteIsRefused) {
  fill();
  for (const mode_t mode : {0664U, 0646U}) {
    ASSERT_EQ(::chmod(path().c_str(), mode), 0);
    expect_both(error_text("open", "it is writable by others than root"));
  }
  ASSERT_EQ(::chmod(path().c_str(), 0644), 0);
  ASSERT_EQ(::chown(path().c_str(), nobody, 0), 0);
  expect_both(error_text("open", "it is not root's"));
}

TEST_F(HostileJournal, ADirectoryThatOthersCanWriteIsRefused) {
  fill();
  for (const mode_t mode : {0775U, 01777U}) {
    ASSERT_EQ(::chmod(directory_.path().c_str(), mode), 0);
    expect_both(error_text("open", "its directory is writable by others than root"));
  }
  ASSERT_EQ(::chmod(directory_.path().c_str(), 0755), 0);
  ASSERT_EQ(::chown(directory_.path().c_str(), nobody, 0), 0);
  expect_both(error_text("open", "its directory is not root's"));
}

TEST_F(HostileJournal, ARollbackJournalThatOthersCouldWriteIsNotPutBack) {
  fill();
  for (const std::string name : {"state.db-journal", "state.db-wal"}) {
    support::write_file(directory_ / name, "x", 0666);
    expect_both(error_text("open", name + " is writable by others than root"));
    std::filesystem::remove(directory_ / name);
    ASSERT_EQ(::mkfifo((directory_ / name).c_str(), 0644), 0);
    expect_both(error_text("open", name + " is not a regular file"));
    std::filesystem::remove(directory_ / name);
  }
}

// The directory is opened once: what happens to its name afterwards does not lead SQLite elsewhere.
TEST_F(HostileJournal, StaysWithTheDirectoryThatWasChecked) {
  const std::string name = (directory_ / "lib/state.db").string();
  auto journal = Journal::open(name, Access::write);
  ASSERT_TRUE(journal) << journal.error().to_string();
  std::filesystem::rename(directory_ / "lib", directory_ / "moved");
  std::filesystem::create_directory(directory_ / "lib");
  ASSERT_TRUE(journal->begin_run("x", 0, 1));
  EXPECT_TRUE(std::filesystem::is_empty(directory_ / "lib"));
  EXPECT_EQ(Journal::open((directory_ / "moved/state.db").string(), Access::read)->runs()->size(), 1U);
}

}  // namespace
}  // namespace revdep::migrate
