// Denials from a kernel log: what PaX did not let programs do, and the marking that would. Reads no file, and looks
// at no program. A log may hold anyone's words (any user can write to syslog): nothing here is to be carried out
// unasked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audit/finding.h"
#include "audit/kernel_log_line.h"
#include "base/error.h"

namespace revdep::audit {

class KernelLog {
 public:
  /// `name` is for messages.
  explicit KernelLog(std::string name) : name_(std::move(name)) {}

  /// The next bytes of the log, cut anywhere. What is kept does not grow with the log.
  void add(std::string_view bytes);

  struct Denials {
    std::vector<Finding> findings;    ///< rule `denied`, one for each program and kind of denial
    std::vector<base::Error> errors;  ///< lines of PaX or grsecurity that say nothing, programs beyond the first 4096
  };
  /// All that the log said. The last call to an object.
  [[nodiscard]] Denials finish();

 private:
  enum class Denial : unsigned char {
    mapping,  // mmap and mprotect of writable and executable memory
    protection,
    stack_asked,  // by PT_GNU_STACK
    stack_run,    // the program was killed for executing it
    data_run,     // other memory
    stray_jump,   // where nothing is mapped
    unknown_run   // the line that tells what is missing
  };
  struct Count {
    std::uint64_t times = 0;
    std::uint32_t last_pid = 0;
    std::string what;
    bool others = false;  // besides `what`
  };

  void add_line(std::string_view text);
  void count(Denial denial, const LogLine& line, std::string what);
  [[nodiscard]] Denial denial_of(const LogLine& killed) const;
  static Finding finding_of(const std::string& executable, Denial denial, const Count& count);

  std::string name_;
  std::string pending_;  // a line without its end, as far as it can matter
  std::size_t line_ = 0;
  std::size_t broken_ = 0;
  std::size_t first_broken_ = 0;  // its line
  bool left_out_ = false;
  LogLine attempt_;  // the last one, until its killed line came
  std::map<std::pair<std::string, Denial>, Count> counts_;
};

}  // namespace revdep::audit
