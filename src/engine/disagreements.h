// Where the package database and the ELF file differ on one object. Compares; says nothing of who is right.
#pragma once

#include <string>
#include <vector>

#include "engine/elf_reading.h"
#include "engine/records.h"

namespace revdep::engine {

/// Clauses: "needs libfoo.so.1 by the database, not by the file". Nothing for a record without a NEEDED.ELF.2 line, or a
/// file that is no object.
std::vector<std::string> find_disagreements(const Record& record, const ElfReading& reading);

}  // namespace revdep::engine
