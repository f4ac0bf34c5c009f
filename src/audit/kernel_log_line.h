// One line of a kernel log: what PaX or grsecurity denied to whom. Counts nothing, and says nothing of markings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace revdep::audit {

struct LogLine {
  enum class Kind : unsigned char {
    other,          ///< not a line about denied memory
    broken,         ///< begins as one and does not go on as one, or names no program
    mmap,           ///< `what` was to be mapped writable and executable
    mprotect,       ///< `what` was to be made that
    stack_marking,  ///< the PT_GNU_STACK of `what` wants an executable stack
    attempt,        ///< `what`, mapped from `start` to `end`, was executed; by whom is told by the next `killed` line
    killed          ///< the program was, for an attempt
  };
  Kind kind = Kind::other;
  std::string executable;
  std::uint32_t pid = 0;
  std::string what;  ///< a path, or "<anonymous mapping>", "<heap>", "<stack>"; "<NULL>" where nothing is mapped
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  std::optional<std::uint64_t> pc;
  std::optional<std::uint64_t> sp;
};

/// Format: grsecurity's include/linux/grmsg.h (GR_RWXMMAP_MSG, GR_RWXMPROTECT_MSG, GR_PTGNUSTACK_MSG) and
/// grsecurity/grsec_log.c, PaX's pax_report_fault() in fs/exec.c, 2.6.17 to 4.9:
///   grsec: [From 10.0.0.1: ][(ROLE:U:SUBJECT) ]denied RWX mmap of WHAT by PATH[COMM:PID] uid/euid:0/0 ..., parent ...
///   PAX: [From 10.0.0.1: ]execution attempt in: WHAT, START-END OFFSET
///   PAX: terminating task: PATH(COMM):PID, uid/euid: 0/0, PC: HEX, SP: HEX
/// with or without what dmesg, syslog, metalog or the journal put before it, if that names the kernel. Names come as
/// they are, so that a name that imitates the rest of a line can make it say anything.
LogLine parse_log_line(std::string_view line);

}  // namespace revdep::audit
