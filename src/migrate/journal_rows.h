// Between the journal's values and its rows, both ways, with the same checks: what is read is as good as what we write.
// Knows the columns' order; runs no statement.
#pragma once

#include <string>

#include "migrate/journal.h"
#include "migrate/sqlite.h"

namespace revdep::migrate {

/// Columns as in journal_schema, each row after its id, in that order.
inline constexpr const char* run_columns = "id, time, uid, command, undoes";
inline constexpr const char* edit_columns =
    "id, run, state, path, size, sha256, names, before_xattr, before_header, before_ei, after_xattr, after_header, "
    "after_ei, reasons, mtime_ns";
inline constexpr const char* claim_columns = "id, path, size, sha256, reasons, filler_e, created_xattr";
inline constexpr const char* hold_columns = "id, path, size, sha256, letters, run";

/// The row of a value, NULL for the id when it is 0. Error: why it cannot be stored.
base::Result<Row> encode(const Run& run);
base::Result<Row> encode(const JournalledEdit& edit);
base::Result<Row> encode(const Claim& claim);
base::Result<Row> encode(const Hold& hold);

/// The value of a row. Error: "row N of table T: ...".
base::Result<Run> decode_run(const Row& row);
base::Result<JournalledEdit> decode_edit(const Row& row);
base::Result<Claim> decode_claim(const Row& row);
base::Result<Hold> decode_hold(const Row& row);

std::string format_state(EditState state);

}  // namespace revdep::migrate
