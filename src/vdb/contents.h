// CONTENTS: what a package put on the disk. Bytes in, entries out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vdb/needed.h"

namespace revdep::vdb {

enum class EntryType : unsigned char { directory, object, symlink, fifo, device };

/// `obj P MD5 MTIME` (parsed from the right), `sym P -> TARGET MTIME` (split at the last " -> "), `dir P`, `fif P`,
/// `dev P`. Views into the text.
struct ContentsEntry {
  EntryType type = EntryType::object;
  std::string_view path;
  std::string_view md5;     ///< objects
  std::string_view target;  ///< symlinks
  std::int64_t mtime = 0;   ///< objects and symlinks, whole seconds
};

struct Contents {
  std::vector<ContentsEntry> entries;
  std::vector<LineProblem> problems;
};

Contents parse_contents(std::string_view text);

}  // namespace revdep::vdb
