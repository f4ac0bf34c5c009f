#include "revdep-paxd/wakeups.h"

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace revdep::daemon {

Wakeups::Wakeups() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_) throw std::system_error(errno, std::generic_category(), "cannot wait for events");
}

void Wakeups::add(int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot wait for events");
  }
}

void Wakeups::wait() {
  std::array<epoll_event, 4> ready{};
  if (::epoll_wait(epoll_.get(), ready.data(), ready.size(), -1) < 0 && errno != EINTR) {
    throw std::system_error(errno, std::generic_category(), "cannot wait for events");
  }
}

}  // namespace revdep::daemon
