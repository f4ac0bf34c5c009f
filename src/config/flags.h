// PaX flags as people write them in configuration: letters, or what is wrong with them. The codec is pax/marking.h's.
#pragma once

#include <string>
#include <string_view>

#include "pax/marking.h"
#include "pax/relax.h"

namespace revdep::config {

struct Flags {
  pax::Marking letters;
  std::string fault;  ///< what is wrong and what was meant, one sentence; "": nothing is, and there is a letter
};

/// One to five of PEMRS, upper case on, lower case off, each once, in any order.
Flags parse_flags(std::string_view word);

struct AskedFlags {
  pax::Relaxations asked;
  std::string fault;
};

/// The same, all of which relax something.
AskedFlags parse_asked_flags(std::string_view word);

}  // namespace revdep::config
