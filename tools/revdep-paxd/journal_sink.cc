#include "revdep-paxd/journal_sink.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace revdep::daemon {
namespace {

// As in syslog(3).
char priority(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace:
    case spdlog::level::debug:
      return '7';
    case spdlog::level::info:
      return '6';
    case spdlog::level::warn:
      return '4';
    default:
      return '3';
  }
}

// More does not fit into a datagram everywhere.
std::string_view text_of(const spdlog::details::log_msg& message) {
  constexpr std::size_t longest = 48 << 10;
  return {message.payload.data(), std::min(message.payload.size(), longest)};
}

}  // namespace

bool is_journal(int fd, const char* journal_stream) {
  struct stat status {};
  if (journal_stream == nullptr || ::fstat(fd, &status) != 0) return false;
  return std::to_string(status.st_dev) + ':' + std::to_string(status.st_ino) == journal_stream;
}

void PrefixSink::sink_it_(const spdlog::details::log_msg& message) {
  const std::string line = std::string("<") + priority(message.level) + '>' + std::string(text_of(message)) + '\n';
  if (::write(fd_, line.data(), line.size()) < 0) return;  // There is nobody left to tell.
}

base::Result<std::shared_ptr<JournalSink>> JournalSink::connect(const char* path) {
  base::Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  if (!socket || ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return base::system_error("log to", path, errno);
  }
  return std::shared_ptr<JournalSink>(new JournalSink(std::move(socket)));
}

void JournalSink::sink_it_(const spdlog::details::log_msg& message) {
  const std::string fields = std::string("SYSLOG_IDENTIFIER=revdep-paxd\nPRIORITY=") + priority(message.level) +
                             "\nMESSAGE=" + std::string(text_of(message)) + '\n';
  ::send(socket_.get(), fields.data(), fields.size(), MSG_NOSIGNAL);
}

}  // namespace revdep::daemon
