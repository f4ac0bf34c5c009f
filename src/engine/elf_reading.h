// One ELF file's own word: facts and marking in one opening. Touches nothing but the file, so that it can be read ahead.
#pragma once

#include <string_view>

#include "base/error.h"
#include "base/tree.h"
#include "elf/facts.h"
#include "pax/marking.h"

namespace revdep::engine {

struct ElfReading {
  enum class Kind : unsigned char {
    object,      ///< facts, stores and secure are set
    not_mapped,  ///< relocatable, a core file: neither run nor loaded
    no_elf,      ///< `error` says so; whether that is one depends on who asked
    gone,        ///< no regular file at this path
    unreadable,  ///< `error`
  };
  Kind kind = Kind::gone;
  base::Error error;
  elf::Facts facts;
  pax::Stores stores;
  bool secure = false;  ///< set-id or with file capabilities
};

/// Reads the file at canonical `path` below `tree`.
ElfReading read_elf(const base::Tree& tree, std::string_view path);

/// Whether there is no regular file at canonical `path` (any more).
bool is_gone(const base::Tree& tree, std::string_view path);

}  // namespace revdep::engine
