// SQLite's C API as owned objects, values and errors. Opens a file beneath a directory that is already open, and never
// another; knows no table and judges no owner.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/fd.h"

struct sqlite3;
struct sqlite3_stmt;

namespace revdep::migrate {

struct Blob {
  std::string bytes;
  friend bool operator==(const Blob&, const Blob&) = default;
};

/// NULL, INTEGER, REAL, TEXT, BLOB.
using Value = std::variant<std::monostate, std::int64_t, double, std::string, Blob>;
using Row = std::vector<Value>;

class Database {
 public:
  enum class Mode : unsigned char { read, write };

  /// Opens the existing file `name` in `directory`, wherever that directory is by now: no path is walked again. `shown` is
  /// its name in errors. Reading writes nothing and creates no file beside it.
  static base::Result<std::unique_ptr<Database>> open(base::Fd directory, const std::string& name,
                                                      const std::string& shown, Mode mode);
  /// An empty one that is never stored.
  static base::Result<std::unique_ptr<Database>> open_in_memory();

  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  /// Every row that one statement gives. Error: "cannot read (or: write to) the journal SHOWN: ...".
  base::Result<std::vector<Row>> query(const std::string& sql, const Row& arguments = {}) const;
  /// One statement whose rows, if it has any, do not matter.
  std::optional<base::Error> execute(const std::string& sql, const Row& arguments = {});
  [[nodiscard]] std::int64_t last_insert_id() const;
  [[nodiscard]] bool in_transaction() const;

  /// The file's size in bytes, and its first bytes, by SQLite's own descriptor: closing another one of the same file would
  /// drop the process's locks on it.
  base::Result<std::uint64_t> size() const;
  base::Result<std::string> head(std::size_t length) const;

  /// From here on statements fail once they took that many steps together; 0: they take what they need. A crafted b-tree
  /// can be walked nearly for ever.
  void limit_steps(std::uint64_t steps);

  [[nodiscard]] const std::string& shown() const { return shown_; }
  /// What is wrong with what it says.
  [[nodiscard]] base::Error invalid(const std::string& reason) const;

 private:
  Database(base::Fd directory, std::string shown) : directory_(std::move(directory)), shown_(std::move(shown)) {}
  [[nodiscard]] base::Error error(const std::string& action, int code) const;
  static int count_steps(void* self);

  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;
  base::Result<Statement> prepare(const std::string& sql) const;
  base::Result<std::vector<Row>> run(sqlite3_stmt* statement, const Row& arguments) const;

  base::Fd directory_;  // part of the name that SQLite has of the file
  std::string shown_;
  sqlite3* handle_ = nullptr;
  mutable std::unordered_map<std::string, Statement> prepared_;  // by their text: there are not many
  std::uint64_t steps_left_ = 0;                                 // in units of step_unit
};

/// Rolls back unless committed. Within another one it is a part of that.
class Transaction {
 public:
  explicit Transaction(Database& database) : database_(database) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();

  std::optional<base::Error> begin();
  std::optional<base::Error> commit();

 private:
  Database& database_;
  bool open_ = false;
};

}  // namespace revdep::migrate
