// What running processes tell: libraries that ask in vain, processes older than their marking, and libraries that no
// file says they load. Pure: reads no process.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/finding.h"
#include "audit/subject.h"
#include "pax/marking.h"
#include "pax/relax.h"
#include "pax/verdict.h"

namespace revdep::audit {

struct MappedLibrary {
  std::string path;
  pax::Relaxations asked;
  bool known = false;  ///< it is in the executable's closure
  Chain chain;         ///< from the executable to it, where that is known
};

struct RunningProcess {
  pid_t pid = 0;
  std::string executable;
  std::string package;
  bool deleted = false;                 ///< the name that it was started by is gone or another file's
  pax::Stores stores;                   ///< of the file that it runs, as they are now
  pax::Verdict verdict;                 ///< of these, under Context::kernel
  std::optional<pax::Effective> shown;  ///< what the kernel says that it runs with
  std::int64_t started = 0;             ///< seconds since the epoch
  std::int64_t changed = 0;             ///< st_ctim of the file that it runs, in such seconds
  std::vector<MappedLibrary> libraries;
};

/// Findings for each executable, and with running-unmet and unknown-plugin for each of its libraries, whose messages
/// name the processes. An executable that never had a name ("/memfd:...") is left out.
///
/// running-unmet: what the library asks for is not among the flags that the kernel shows of the process; where it
/// shows none, not among those of the verdict, unless that is 'refused'.
///
/// running-stale, the first of these that holds:
/// - deleted: what is started under that name now is another file.
/// - The kernel shows flags, the verdict is 'refused' or has others, and the file was changed no earlier than one
///   second before the process started. (A file that is older than that had this marking when the process got other
///   flags: the marking is not what made them.)
/// - The kernel shows no flags, the file has a valid marking and was changed more than one second after the process
///   started. This may be any change of the inode, chmod or a new link too: the message says "may".
/// The second is the error of `started`, which is cut to whole seconds and moves with the clock.
///
/// unknown-plugin: the library is not in the closure.
void check_running(const Context& context, std::span<const RunningProcess> processes, std::vector<Finding>& findings);

/// The line of the configuration that makes `library` a part of the closure of `executable`, both taken literally:
/// "load /usr/bin/x -> /usr/lib64/y.so". Each is a fnmatch(3) pattern; one with other than letters, digits and the
/// usual signs of file names stands in double quotes, inside which \" and \\ are these characters. A control
/// character, which no line can hold, is the pattern's '?'.
std::string load_rule(std::string_view executable, std::string_view library);

}  // namespace revdep::audit
