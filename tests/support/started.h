// Programs that run until the test ends them. No sleeping: a pipe says when they are ready, another when they are to go.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/fd.h"

namespace revdep::support {

/// C source of such a program. It opens the plugin that it is given, takes a name that looks like the fields after it in
/// /proc/PID/stat, says that it is ready, and waits for the end of its input.
extern const char* const waiter;

/// A program that has said that it is ready; it is ended and waited for when this goes. Throws when it cannot be started.
class Started {
 public:
  explicit Started(std::vector<std::string> words);
  Started(const Started&) = delete;
  Started& operator=(const Started&) = delete;
  ~Started() { end(); }

  void end();
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  base::Fd input_;
  pid_t pid_ = 0;
};

}  // namespace revdep::support
