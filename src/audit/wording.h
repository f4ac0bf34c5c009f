// The words that findings are made of: letters, stores, names, counts, commands. Decides nothing.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "audit/finding.h"
#include "audit/subject.h"
#include "pax/marking.h"
#include "pax/relax.h"

namespace revdep::audit {

/// A finding of the usual severity on the subject itself.
Finding begin_finding(Rule rule, const Subject& subject);
/// The same with the stores, and the verdict on what the kernel runs.
Finding begin_marking_finding(Rule rule, const Subject& subject);

/// "Em".
std::string spell(pax::Relaxations asked);
/// "em"; "nothing" of an empty marking.
std::string spell(pax::Marking marking);
/// What the kernel does with letters that it does not grant: "leaves MPROTECT on and EMUTRAMP off".
std::string describe_ungranted(pax::Relaxations letters);

/// "header says e, xattr says em", for those that are there. Void: "xattr "x" is malformed".
std::string describe_stores(const pax::Stores& stores);

/// "1 executable loads it", "12 executables load it, 2 of them privileged".
std::string describe_reach(const Subject& subject);

/// Whether its object is to follow.
enum class Objects : unsigned char { none, follow };
Mend command(const Context& context, std::vector<std::string> words, Objects objects);

}  // namespace revdep::audit
