#include "revdep-paxd/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

namespace revdep::daemon {

Signals::Signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&set, signal);
  if (::sigprocmask(SIG_BLOCK, &set, nullptr) == 0) fd_ = base::Fd(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!fd_) throw std::system_error(errno, std::generic_category(), "cannot receive signals");
}

Wishes Signals::read() {
  Wishes wishes;
  signalfd_siginfo info{};
  while (::read(fd_.get(), &info, sizeof info) == sizeof info) {
    switch (info.ssi_signo) {
      case SIGHUP:
        wishes.reload = true;
        break;
      case SIGUSR1:
        wishes.full = true;
        break;
      default:
        wishes.end = true;
        break;
    }
  }
  return wishes;
}

}  // namespace revdep::daemon
