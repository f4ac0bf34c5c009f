#include "report/output.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace revdep::report {

void Output::flush() {
  std::string_view left = buffer_;
  while (!left.empty()) {
    const ssize_t written = ::write(fd_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int error = errno;
      buffer_.clear();
      throw std::system_error(error, std::generic_category(), "cannot write the report");
    }
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  buffer_.clear();
}

}  // namespace revdep::report
