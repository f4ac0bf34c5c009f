#include "migrate/journal.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/stamp.h"
#include "migrate/claims.h"
#include "migrate/journal_file.h"
#include "migrate/journal_rows.h"
#include "migrate/journal_schema.h"
#include "migrate/sqlite.h"

namespace revdep::migrate {
namespace {

// "INSERT INTO table (columns) VALUES (?, ?, ...)"
std::string insert(const std::string& table, const std::string& columns) {
  std::string sql = "INSERT INTO " + table + " (" + columns + ") VALUES (?";
  for (auto commas = std::ranges::count(columns, ','); commas > 0; --commas) sql += ", ?";
  return sql + ")";
}

std::string select(const std::string& table, const std::string& columns, const std::string& rest) {
  return "SELECT " + columns + " FROM " + table + " " + rest;
}

}  // namespace

bool is_damage(const base::Error& error) {
  constexpr std::array<std::string_view, 5> signs = {"it is damaged", "malformed", "not a database",
                                                     "its tables are not those", "that is not there"};
  return std::ranges::any_of(signs,
                             [&](std::string_view sign) { return error.reason.find(sign) != std::string::npos; });
}

struct Journal::Implementation {
  std::string path;
  Access access = Access::read;
  std::unique_ptr<Database> database;  // nullptr: read, and there is none
  // As they were when it was current. The stamp alone does not show what was written within a tick of the file clock, nor the
  // version what another program wrote.
  std::optional<base::Stamp> stamp;
  std::optional<std::int64_t> version;
  bool keeps = false;

  Implementation() = default;
  Implementation(const Implementation&) = delete;
  Implementation& operator=(const Implementation&) = delete;
  ~Implementation() {
    if (keeps) static_cast<void>(database->execute("PRAGMA journal_mode = DELETE"));
  }

  [[nodiscard]] std::optional<base::Stamp> read_stamp() const {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? std::optional(base::Stamp(status)) : std::nullopt;
  }

  // SQLite's count of others' commits: own ones leave it as it is.
  [[nodiscard]] std::optional<std::int64_t> read_version() const {
    const auto rows = database->query("PRAGMA data_version");
    if (!rows || rows->size() != 1 || rows->front().empty()) return std::nullopt;
    const auto* const number = std::get_if<std::int64_t>(&rows->front().front());
    return number != nullptr ? std::optional(*number) : std::nullopt;
  }

  base::Result<Database*> to_write() const {
    if (database == nullptr) return base::Error{"write to the journal", path, "it is open for reading, and missing"};
    return database.get();
  }

  template <class T>
  base::Result<std::vector<T>> read(base::Result<T> (*decode)(const Row&), const std::string& sql,
                                    const Row& arguments = {}) const {
    std::vector<T> values;
    if (database == nullptr) return values;
    const auto rows = database->query(sql, arguments);
    if (!rows) return rows.error();
    values.reserve(rows->size());
    for (const Row& row : *rows) {
      auto value = decode(row);
      if (!value) return database->invalid(value.error().object + ": " + value.error().reason);
      values.push_back(std::move(*value));
    }
    return values;
  }
};

Journal::Journal(std::unique_ptr<Implementation> implementation) : implementation_(std::move(implementation)) {}
Journal::Journal(Journal&&) noexcept = default;
Journal& Journal::operator=(Journal&&) noexcept = default;
Journal::~Journal() = default;

base::Result<Journal> Journal::open(const std::string& path, Access access) {
  auto file = open_journal_file(path, access);
  if (!file) return file.error();
  auto implementation = std::make_unique<Implementation>();
  implementation->path = path;
  implementation->access = access;
  if (file->exists) {
    const auto mode = access == Access::write ? Database::Mode::write : Database::Mode::read;
    auto database = Database::open(std::move(file->directory), file->name, path, mode);
    if (!database) return database.error();
    const auto prepared = prepare_journal(**database, mode);
    if (!prepared) return prepared.error();
    if (*prepared == Prepared::ready) implementation->database = std::move(*database);
  }
  Journal journal(std::move(implementation));
  if (journal.implementation_->database) journal.implementation_->version = journal.implementation_->read_version();
  journal.mark_current();
  return journal;
}

Journal::Access Journal::access() const { return implementation_->access; }

std::optional<base::Error> Journal::keep_open() {
  const auto database = implementation_->to_write();
  if (!database) return database.error();
  implementation_->keeps = true;
  return (*database)->execute("PRAGMA journal_mode = PERSIST");
}

bool Journal::is_current(const std::string& path) const {
  const Implementation& known = *implementation_;
  return known.database != nullptr && known.path == path && known.stamp && known.stamp == known.read_stamp() &&
         known.version && known.version == known.read_version();
}

void Journal::mark_current() { implementation_->stamp = implementation_->read_stamp(); }

base::Result<RunId> Journal::begin_run(const std::string& command, std::uint32_t uid, std::int64_t time,
                                       std::optional<RunId> undoes) {
  const auto database = implementation_->to_write();
  if (!database) return database.error();
  const auto row = encode(Run{0, time, uid, command, undoes});
  if (!row) return row.error();
  if (auto error = (*database)->execute(insert("run", run_columns), *row)) return *error;
  return (*database)->last_insert_id();
}

base::Result<EditId> Journal::begin_edit(RunId run, const JournalledEdit& edit) {
  const auto database = implementation_->to_write();
  if (!database) return database.error();
  JournalledEdit begun = edit;
  begun.id = 0;
  begun.run = run;
  begun.state = EditState::open;
  const auto row = encode(begun);
  if (!row) return row.error();
  if (auto error = (*database)->execute(insert("edit", edit_columns), *row)) return *error;
  return (*database)->last_insert_id();
}

base::Result<Journal::Begun> Journal::begin(const Run& run, const JournalledEdit& edit) {
  const auto database = implementation_->to_write();
  if (!database) return database.error();
  Transaction transaction(**database);
  if (auto error = transaction.begin()) return *error;
  const auto begun = begin_run(run.command, run.uid, run.time, run.undoes);
  if (!begun) return begun.error();
  const auto first = begin_edit(*begun, edit);
  if (!first) return first.error();
  if (auto error = transaction.commit()) return *error;
  return Begun{*begun, *first};
}

std::optional<base::Error> Journal::end_edit(EditId edit, EditState state, const std::optional<Claim>& claim) {
  const auto found = implementation_->to_write();
  if (!found) return found.error();
  Database& database = **found;
  Transaction transaction(database);
  if (auto error = transaction.begin()) return error;
  const auto edits = implementation_->read(decode_edit, select("edit", edit_columns, "WHERE id = ?"), {edit});
  if (!edits) return edits.error();
  if (edits->empty()) return database.invalid("it has no edit " + std::to_string(edit));
  if (auto error = database.execute("UPDATE edit SET state = ? WHERE id = ?", {format_state(state), edit}))
    return error;
  if (state == EditState::done) {
    // Under whichever of its names the file was claimed before.
    std::vector<std::string> names = edits->front().names;
    names.push_back(edits->front().file.path);
    if (claim) names.push_back(claim->file.path);
    for (const std::string& name : names) {
      if (auto error = database.execute("DELETE FROM claim WHERE path = ?", {Blob{name}})) return error;
    }
    if (claim) {
      const auto row = encode(*claim);
      if (!row) return row.error();
      if (auto error = database.execute(insert("claim", claim_columns), *row)) return error;
    }
  }
  return transaction.commit();
}

base::Result<std::optional<Claim>> Journal::finish(const JournalledEdit& edit) {
  const auto database = implementation_->to_write();
  if (!database) return database.error();
  Transaction transaction(**database);
  if (auto error = transaction.begin()) return *error;
  auto claim = claim_after(edit);
  if (!claim) return claim.error();
  if (auto error = end_edit(edit.id, EditState::done, *claim)) return *error;
  if (auto error = transaction.commit()) return *error;
  return claim;
}

base::Result<std::vector<JournalledEdit>> Journal::open_edits() const {
  return implementation_->read(decode_edit, select("edit", edit_columns, "WHERE state = ? ORDER BY id"),
                               {format_state(EditState::open)});
}

base::Result<std::vector<Run>> Journal::runs() const {
  return implementation_->read(decode_run, select("run", run_columns, "ORDER BY id DESC"));
}

base::Result<std::vector<JournalledEdit>> Journal::edits_of(RunId run) const {
  return implementation_->read(decode_edit, select("edit", edit_columns, "WHERE run = ? ORDER BY id"), {run});
}

base::Result<std::vector<JournalledEdit>> Journal::edits_on(const std::string& path) const {
  return implementation_->read(decode_edit, select("edit", edit_columns, "WHERE path = ? ORDER BY id"), {Blob{path}});
}

// An undone edit was made, too; the undo is an edit of its own.
base::Result<std::optional<Claim>> Journal::claim_after(const JournalledEdit& last) const {
  auto edits = edits_on(last.file.path);
  if (!edits) return edits.error();
  std::erase_if(*edits, [&](const JournalledEdit& edit) {
    const bool was_made = edit.state == EditState::done || edit.state == EditState::undone;
    return !was_made || edit.id == last.id || edit.file != last.file;
  });
  edits->push_back(last);
  return replay_claim(*edits);
}

base::Result<std::vector<Claim>> Journal::claims() const {
  return implementation_->read(decode_claim, select("claim", claim_columns, "ORDER BY path"));
}

base::Result<std::vector<Hold>> Journal::holds() const {
  return implementation_->read(decode_hold, select("hold", hold_columns, "ORDER BY path, id"));
}

std::optional<base::Error> Journal::add_hold(const Hold& hold) {
  const auto database = implementation_->to_write();
  if (!database) return database.error();
  const auto row = encode(hold);
  if (!row) return row.error();
  // An undo that was killed and is run again says the same again.
  return (*database)->execute(insert("hold", hold_columns) + " ON CONFLICT DO NOTHING", *row);
}

base::Result<std::size_t> Journal::release(const std::string& path) {
  const auto database = implementation_->to_write();
  if (!database) return database.error();
  const auto released = path.empty() ? (*database)->query("DELETE FROM hold RETURNING id")
                                     : (*database)->query("DELETE FROM hold WHERE path = ? RETURNING id", {Blob{path}});
  if (!released) return released.error();
  return released->size();
}

std::optional<base::Error> Journal::release_of(RunId run) {
  const auto database = implementation_->to_write();
  if (!database) return database.error();
  return (*database)->execute("DELETE FROM hold WHERE run = ?", {run});
}

std::optional<base::Error> Journal::forget_claim(const std::string& path) {
  const auto database = implementation_->to_write();
  if (!database) return database.error();
  return (*database)->execute("DELETE FROM claim WHERE path = ?", {Blob{path}});
}

std::optional<base::Error> Journal::prune(const std::string& command, std::size_t keep) {
  const auto found = implementation_->to_write();
  if (!found) return found.error();
  Database& database = **found;
  Transaction transaction(database);
  if (auto error = transaction.begin()) return error;
  const std::string of_old_run =
      " IN (SELECT id FROM run WHERE command = ? ORDER BY id DESC LIMIT -1 OFFSET " + std::to_string(keep) + ")";
  if (auto error = database.execute("DELETE FROM edit WHERE run" + of_old_run +
                                        " AND state <> ? AND NOT EXISTS (SELECT 1 FROM claim WHERE claim.path = "
                                        "edit.path AND claim.size = edit.size AND claim.sha256 = edit.sha256)",
                                    {Blob{command}, format_state(EditState::open)})) {
    return error;
  }
  // A file that began once more as it had begun the first time was installed again: what came before tells nothing.
  if (auto error = database.execute(
          "DELETE FROM edit WHERE run" + of_old_run +
              " AND state <> ? AND id < (SELECT max(again.id) FROM edit AS again, edit AS first WHERE first.id = "
              "(SELECT min(id) FROM edit AS other WHERE other.path = edit.path AND other.size = edit.size AND "
              "other.sha256 = edit.sha256) AND again.path = edit.path AND again.size = edit.size AND "
              "again.sha256 = edit.sha256 AND again.state IN (?, ?) AND again.before_xattr IS first.before_xattr "
              "AND again.before_header IS first.before_header AND again.before_ei = first.before_ei)",
          {Blob{command}, format_state(EditState::open), format_state(EditState::done),
           format_state(EditState::undone)})) {
    return error;
  }
  if (auto error = database.execute("DELETE FROM run WHERE id" + of_old_run +
                                        " AND id NOT IN (SELECT run FROM edit) AND id NOT IN (SELECT run FROM hold) "
                                        "AND id NOT IN (SELECT undoes FROM run WHERE undoes IS NOT NULL)",
                                    {Blob{command}})) {
    return error;
  }
  return transaction.commit();
}

}  // namespace revdep::migrate
