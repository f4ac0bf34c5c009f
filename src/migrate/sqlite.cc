#include "migrate/sqlite.h"

#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace revdep::migrate {
namespace {

constexpr int busy_milliseconds = 10'000;
constexpr int step_unit = 1000;
// Of one value. Nothing that is stored comes near; SQLite's own limit is 1 GB.
constexpr int value_limit = 16 * 1024 * 1024;

// SQLite's "unix" file system without its resolution of names: "/proc/self/fd/N/state.db" stays as it is and leads
// through the descriptor. (SQLite opens with O_NOFOLLOW: the last component is never a symlink.)
const char* descriptor_file_system() {
  constexpr const char* name = "revdep-descriptor";
  static sqlite3_vfs file_system{};
  static const bool registered = [] {
    const sqlite3_vfs* const usual = sqlite3_vfs_find("unix");
    if (usual == nullptr) return false;
    file_system = *usual;
    file_system.zName = name;
    file_system.pNext = nullptr;
    file_system.xFullPathname = [](sqlite3_vfs*, const char* path, int size, char* out) {
      const std::size_t length = std::strlen(path) + 1;
      if (length > static_cast<std::size_t>(size)) return SQLITE_CANTOPEN;
      std::memcpy(out, path, length);
      return SQLITE_OK;
    };
    return sqlite3_vfs_register(&file_system, 0) == SQLITE_OK;
  }();
  return registered ? name : nullptr;
}

int bind(sqlite3_stmt* statement, int index, const Value& value) {
  struct Binder {
    sqlite3_stmt* statement;
    int index;
    int operator()(std::monostate) const { return sqlite3_bind_null(statement, index); }
    int operator()(std::int64_t number) const { return sqlite3_bind_int64(statement, index, number); }
    int operator()(double number) const { return sqlite3_bind_double(statement, index, number); }
    int operator()(const std::string& text) const {
      return sqlite3_bind_text64(statement, index, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
    }
    // c_str() is never null, which would bind NULL instead of an empty blob.
    int operator()(const Blob& blob) const {
      return sqlite3_bind_blob64(statement, index, blob.bytes.c_str(), blob.bytes.size(), SQLITE_STATIC);
    }
  };
  return std::visit(Binder{statement, index}, value);
}

std::string column_bytes(sqlite3_stmt* statement, int index) {
  // The order matters: sqlite3_column_bytes() is about the form that column_blob() made. Empty blobs have no address.
  const void* const bytes = sqlite3_column_blob(statement, index);
  std::string copy(static_cast<std::size_t>(sqlite3_column_bytes(statement, index)), '\0');
  if (!copy.empty()) std::memcpy(copy.data(), bytes, copy.size());
  return copy;
}

Value column(sqlite3_stmt* statement, int index) {
  switch (sqlite3_column_type(statement, index)) {
    case SQLITE_INTEGER:
      return std::int64_t{sqlite3_column_int64(statement, index)};
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, index);
    case SQLITE_TEXT:
      return column_bytes(statement, index);
    case SQLITE_BLOB:
      return Blob{column_bytes(statement, index)};
    default:
      return std::monostate{};
  }
}

}  // namespace

base::Result<std::unique_ptr<Database>> Database::open(base::Fd directory, const std::string& name,
                                                       const std::string& shown, Mode mode) {
  const std::string below = "/proc/self/fd/" + std::to_string(directory.get());
  std::unique_ptr<Database> database(new Database(std::move(directory), shown));
  if (::access(below.c_str(), F_OK) != 0) {
    return base::Error{"open the journal", shown, "/proc is not mounted, and it is opened by descriptor"};
  }
  const char* const file_system = descriptor_file_system();
  if (file_system == nullptr) return base::Error{"open the journal", shown, "SQLite has no unix file system"};
  const int flags = mode == Mode::write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  const int code =
      sqlite3_open_v2((below + '/' + name).c_str(), &database->handle_, flags | SQLITE_OPEN_PRIVATECACHE, file_system);
  if (code != SQLITE_OK) return database->error("open the journal", code);
  sqlite3* const handle = database->handle_;
  if (mode == Mode::write && sqlite3_db_readonly(handle, "main") != 0) {
    return base::Error{"write to the journal", shown, "it can only be read"};  // SQLite falls back to that by itself
  }
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, busy_milliseconds);
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, value_limit);
  int* const ignored = nullptr;
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, ignored);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, ignored);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, ignored);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, ignored);
  return database;
}

base::Result<std::unique_ptr<Database>> Database::open_in_memory() {
  std::unique_ptr<Database> database(new Database({}, "in memory"));
  const int code = sqlite3_open_v2(":memory:", &database->handle_, SQLITE_OPEN_READWRITE, nullptr);
  if (code != SQLITE_OK) return database->error("open the journal", code);
  return database;
}

Database::~Database() {
  prepared_.clear();
  sqlite3_close_v2(handle_);
}

base::Error Database::error(const std::string& action, int code) const {
  if (code == SQLITE_READONLY_ROLLBACK || code == SQLITE_READONLY_RECOVERY) {
    return {action, shown_, "a run was killed while it wrote; the next one of root's that writes recovers it"};
  }
  if (code == SQLITE_INTERRUPT) return {action, shown_, "it is not what its size allows"};
  std::string reason = handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
  const int system = handle_ != nullptr ? sqlite3_system_errno(handle_) : 0;
  const int primary = code & 0xff;
  if (system != 0 && (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN)) {
    reason += " (" + base::system_error({}, {}, system).reason + ")";
  }
  return {action, shown_, reason};
}

base::Error Database::invalid(const std::string& reason) const { return {"use the journal", shown_, reason}; }

void Database::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

base::Result<Database::Statement> Database::prepare(const std::string& sql) const {
  sqlite3_stmt* prepared = nullptr;
  const int code = sqlite3_prepare_v2(handle_, sql.c_str(), -1, &prepared, nullptr);
  Statement statement(prepared);
  if (code != SQLITE_OK) return error("read the journal", code);
  return statement;
}

base::Result<std::vector<Row>> Database::run(sqlite3_stmt* statement, const Row& arguments) const {
  const std::string action = sqlite3_stmt_readonly(statement) != 0 ? "read the journal" : "write to the journal";
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const int code = bind(statement, static_cast<int>(i) + 1, arguments[i]);
    if (code != SQLITE_OK) return error(action, code);
  }
  std::vector<Row> rows;
  int code = SQLITE_OK;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    Row& row = rows.emplace_back();
    const int columns = sqlite3_column_count(statement);
    for (int i = 0; i < columns; ++i) row.push_back(column(statement, i));
  }
  if (code != SQLITE_DONE) return error(action, code);
  return rows;
}

base::Result<std::vector<Row>> Database::query(const std::string& sql, const Row& arguments) const {
  // A PRAGMA may do its work while it is prepared.
  if (sql.starts_with("PRAGMA")) {
    const auto statement = prepare(sql);
    if (!statement) return statement.error();
    return run(statement->get(), arguments);
  }
  auto known = prepared_.find(sql);
  if (known == prepared_.end()) {
    auto statement = prepare(sql);
    if (!statement) return statement.error();
    known = prepared_.emplace(sql, std::move(*statement)).first;
  }
  sqlite3_stmt* const statement = known->second.get();
  auto rows = run(statement, arguments);
  // It would hold a lock and point to the arguments.
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  return rows;
}

// NOLINTNEXTLINE(readability-make-member-function-const): not the object, but what it stands for changes
std::optional<base::Error> Database::execute(const std::string& sql, const Row& arguments) {
  const auto rows = query(sql, arguments);
  return rows ? std::nullopt : std::optional(rows.error());
}

bool Database::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

std::int64_t Database::last_insert_id() const { return sqlite3_last_insert_rowid(handle_); }

base::Result<std::uint64_t> Database::size() const {
  sqlite3_file* file = nullptr;
  sqlite3_int64 bytes = 0;
  int code = sqlite3_file_control(handle_, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (code == SQLITE_OK) code = file->pMethods->xFileSize(file, &bytes);
  if (code != SQLITE_OK) return error("read the journal", code);
  return static_cast<std::uint64_t>(bytes);
}

base::Result<std::string> Database::head(std::size_t length) const {
  sqlite3_file* file = nullptr;
  std::string bytes(length, '\0');
  int code = sqlite3_file_control(handle_, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (code == SQLITE_OK) code = file->pMethods->xRead(file, bytes.data(), static_cast<int>(length), 0);
  // What is missing at the end is read as 0.
  if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ) return error("read the journal", code);
  return bytes;
}

int Database::count_steps(void* self) {
  auto& left = static_cast<Database*>(self)->steps_left_;
  if (left == 0) return 1;
  --left;
  return 0;
}

void Database::limit_steps(std::uint64_t steps) {
  steps_left_ = steps / step_unit;
  if (steps == 0) {
    sqlite3_progress_handler(handle_, 0, nullptr, nullptr);
  } else {
    sqlite3_progress_handler(handle_, step_unit, &Database::count_steps, this);
  }
}

Transaction::~Transaction() {
  // Its failure means that SQLite rolled back already.
  if (open_) static_cast<void>(database_.execute("ROLLBACK"));
}

std::optional<base::Error> Transaction::begin() {
  if (database_.in_transaction()) return std::nullopt;
  auto error = database_.execute("BEGIN IMMEDIATE");
  open_ = !error;
  return error;
}

std::optional<base::Error> Transaction::commit() {
  if (!open_) return std::nullopt;
  auto error = database_.execute("COMMIT");
  if (!error) open_ = false;
  return error;
}

}  // namespace revdep::migrate
