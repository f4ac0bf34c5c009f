// The tables of the journal's database: makes them, and refuses a database that is not exactly so. Reads no row of them.
#pragma once

#include <optional>

#include "base/error.h"
#include "migrate/sqlite.h"

namespace revdep::migrate {

enum class Prepared : unsigned char { ready, empty };

/// Makes a just opened database ready for use: settings, tables (write, and it is empty), checks. empty (read only): it
/// says nothing yet. Error: it is another program's, of another version, damaged, or SQLite says no.
base::Result<Prepared> prepare_journal(Database& database, Database::Mode mode);

}  // namespace revdep::migrate
