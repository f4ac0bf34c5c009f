// Where the journal's file lies, and whether it can be trusted: directory and file are root's and no one else can write
// them. Knows nothing of what is in it.
#pragma once

#include <string>

#include "base/error.h"
#include "base/fd.h"
#include "migrate/journal.h"

namespace revdep::migrate {

struct JournalFile {
  base::Fd directory;  ///< invalid when it is missing
  std::string name;    ///< in the directory
  bool exists = false;
};

/// Opens the directory of `path` and looks at the file in it. Write: makes what is missing of both (0755 and 0644, whatever
/// the umask). Error: neither root's alone nor missing, the file is not regular, or the system says no.
base::Result<JournalFile> open_journal_file(const std::string& path, Journal::Access access);

}  // namespace revdep::migrate
