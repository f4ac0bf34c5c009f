#include "revdep-paxd/notify.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace revdep::daemon {
namespace {

std::optional<std::int64_t> parse_number(const char* text) {
  if (text == nullptr) return std::nullopt;
  const std::string_view digits = text;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

}  // namespace

Notifier::Notifier(const char* address) {
  if (address == nullptr || (*address != '/' && *address != '@')) return;
  address_ = address;
  if (address_.size() >= sizeof(sockaddr_un::sun_path)) return;
  if (address_[0] == '@') address_[0] = '\0';
  socket_ = base::Fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

void Notifier::send(std::string_view lines) const {
  if (!socket_) return;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, address_.data(), address_.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  ::sendto(socket_.get(), lines.data(), lines.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&to), size);
}

std::optional<std::chrono::microseconds> watchdog_interval(const char* usec, const char* pid, pid_t own) {
  const auto whole = parse_number(usec);
  if (!whole || *whole <= 1) return std::nullopt;
  if (pid != nullptr && parse_number(pid) != own) return std::nullopt;
  return std::chrono::microseconds(*whole / 2);
}

}  // namespace revdep::daemon
