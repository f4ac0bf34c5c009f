#include "migrate/journal_schema.h"

#include <array>
#include <string>

namespace revdep::migrate {
namespace {

constexpr std::int64_t application_id = 0x72505861;  // "rPXa"
constexpr std::int64_t schema_version = 1;

// Paths, command lines and xattrs are blobs: they may hold any byte. A list of names is each of them and a NUL. A list of
// reasons is, for each, the letter, every asker and a NUL, and a NUL. All this is checked by journal_rows.
constexpr std::array schema = {
    "CREATE TABLE run (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, uid INTEGER NOT NULL, command BLOB NOT NULL, "
    "undoes INTEGER REFERENCES run (id))",

    "CREATE TABLE edit (id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run (id), state TEXT NOT NULL, "
    "path BLOB NOT NULL, size INTEGER NOT NULL, sha256 TEXT NOT NULL, names BLOB NOT NULL, "
    "before_xattr BLOB, before_header INTEGER, before_ei INTEGER NOT NULL, "
    "after_xattr BLOB, after_header INTEGER, after_ei INTEGER NOT NULL, reasons BLOB NOT NULL, mtime_ns INTEGER NOT "
    "NULL)",
    "CREATE INDEX edit_of_run ON edit (run)",
    "CREATE INDEX edit_on_path ON edit (path)",

    "CREATE TABLE claim (id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE, size INTEGER NOT NULL, "
    "sha256 TEXT NOT NULL, reasons BLOB NOT NULL, filler_e INTEGER NOT NULL, created_xattr INTEGER NOT NULL)",

    "CREATE TABLE hold (id INTEGER PRIMARY KEY, path BLOB NOT NULL, size INTEGER NOT NULL, sha256 TEXT NOT NULL, "
    "letters TEXT NOT NULL, run INTEGER NOT NULL REFERENCES run (id), UNIQUE (path, size, sha256, letters, run))",
};

// A crafted b-tree can be walked nearly for ever, an honest one takes a few steps a byte.
constexpr std::uint64_t steps_at_least = 10'000'000;
constexpr std::uint64_t steps_per_byte = 100;

base::Result<std::int64_t> pragma(const Database& database, const std::string& name) {
  const auto rows = database.query("PRAGMA " + name);
  if (!rows) return rows.error();
  if (rows->size() == 1 && rows->front().size() == 1) {
    if (const auto* const number = std::get_if<std::int64_t>(&rows->front().front())) return *number;
  }
  return database.invalid("SQLite does not know PRAGMA " + name);
}

std::optional<base::Error> configure(Database& database, Database::Mode mode) {
  // EXTRA is FULL and an fsync of the directory once the rollback journal is removed. Without that a power failure could
  // bring it back, and a commit that we relied on would be undone.
  for (const char* const setting :
       {"PRAGMA synchronous = EXTRA", "PRAGMA foreign_keys = ON", "PRAGMA trusted_schema = OFF",
        "PRAGMA cell_size_check = ON", "PRAGMA mmap_size = 0", "PRAGMA temp_store = MEMORY"}) {
    if (auto error = database.execute(setting)) return error;
  }
  return mode == Database::Mode::write ? database.execute("PRAGMA journal_mode = DELETE") : std::nullopt;
}

std::optional<base::Error> make_tables(Database& database) {
  for (const char* const statement : schema) {
    if (auto error = database.execute(statement)) return error;
  }
  return std::nullopt;
}

std::optional<base::Error> create(Database& database) {
  Transaction transaction(database);
  if (auto error = transaction.begin()) return error;
  const auto id = pragma(database, "application_id");
  if (!id) return id.error();
  if (*id == application_id) return std::nullopt;  // another process was faster
  if (auto error = make_tables(database)) return error;
  if (auto error = database.execute("PRAGMA application_id = " + std::to_string(application_id))) return error;
  if (auto error = database.execute("PRAGMA user_version = " + std::to_string(schema_version))) return error;
  return transaction.commit();
}

// To be asked before any statement: SQLite would make a -wal and a -shm file, even to read.
std::optional<base::Error> check_not_in_wal_mode(const Database& database) {
  constexpr std::size_t read_version = 19;  // 1: rollback journal, 2: write-ahead log
  const auto head = database.head(read_version + 1);
  if (!head) return head.error();
  return head->back() == 2 ? std::optional(database.invalid("it is not in rollback mode")) : std::nullopt;
}

std::optional<base::Error> check_version(const Database& database) {
  const auto id = pragma(database, "application_id");
  if (!id) return id.error();
  if (*id != application_id) return database.invalid("it is a database of another program");
  const auto version = pragma(database, "user_version");
  if (!version) return version.error();
  if (*version > schema_version) {
    return database.invalid("it is of a later version (schema " + std::to_string(*version) + ", known is " +
                            std::to_string(schema_version) + ")");
  }
  if (*version < schema_version) return database.invalid("schema version " + std::to_string(*version) + " is unknown");
  return std::nullopt;
}

base::Result<std::vector<Row>> list_tables(const Database& database) {
  return database.query("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name");
}

base::Result<std::vector<Row>> list_model_tables() {
  const auto model = Database::open_in_memory();
  if (!model) return model.error();
  if (auto error = make_tables(**model)) return *error;
  return list_tables(**model);
}

// Exactly our tables: no trigger, view or column that we did not make.
std::optional<base::Error> check_tables(const Database& database) {
  static const base::Result<std::vector<Row>> expected = list_model_tables();
  if (!expected) return expected.error();
  const auto found = list_tables(database);
  if (!found) return found.error();
  if (*found != *expected) return database.invalid("its tables are not those of schema 1");
  return std::nullopt;
}

std::optional<base::Error> check_content(const Database& database) {
  const auto report = database.query("PRAGMA integrity_check(1)");
  if (!report) return report.error();
  if (*report != std::vector<Row>{{std::string("ok")}}) {
    const auto* const text =
        report->empty() || report->front().empty() ? nullptr : std::get_if<std::string>(&report->front().front());
    return database.invalid("it is damaged: " + (text != nullptr ? *text : "no report"));
  }
  const auto dangling = database.query("PRAGMA foreign_key_check");
  if (!dangling) return dangling.error();
  if (dangling->empty()) return std::nullopt;
  const auto* const table = std::get_if<std::string>(&dangling->front().at(0));
  const auto* const row = std::get_if<std::int64_t>(&dangling->front().at(1));
  return database.invalid("row " + (row != nullptr ? std::to_string(*row) : "?") + " of table " +
                          (table != nullptr ? *table : "?") + " names a run that is not there");
}

}  // namespace

base::Result<Prepared> prepare_journal(Database& database, Database::Mode mode) {
  auto size = database.size();
  if (!size) return size.error();
  database.limit_steps(steps_at_least + steps_per_byte * *size);
  if (auto error = check_not_in_wal_mode(database)) return *error;
  if (auto error = configure(database, mode)) return *error;
  // The first look inside is what puts a killed run's rollback journal back, after which the file may be empty.
  if (const auto id = pragma(database, "application_id"); !id) return id.error();
  size = database.size();
  if (!size) return size.error();
  if (*size == 0) {
    if (mode == Database::Mode::read) return Prepared::empty;
    if (auto error = create(database)) return *error;
  }
  for (const auto check : {check_version, check_tables, check_content}) {
    if (auto error = check(database)) return *error;
  }
  database.limit_steps(0);
  return Prepared::ready;
}

}  // namespace revdep::migrate
