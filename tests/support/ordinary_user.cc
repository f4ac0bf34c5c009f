#include "support/ordinary_user.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "base/fd.h"

namespace revdep::support {

std::string as_ordinary_user(const std::function<std::string()>& work) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return "no pipe";
  base::Fd in(ends[0]);
  base::Fd out(ends[1]);
  const pid_t child = ::fork();
  if (child == 0) {
    std::string text = "could not become an ordinary user";
    if (::setgroups(0, nullptr) == 0 && ::setgid(ordinary_user) == 0 && ::setuid(ordinary_user) == 0) text = work();
    const bool written = ::write(out.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
    ::_exit(written ? 0 : 1);
  }
  out.reset();
  std::string text;
  char chunk[4096];
  for (ssize_t got = 0; (got = ::read(in.get(), chunk, sizeof chunk)) > 0;) {
    text.append(chunk, static_cast<std::size_t>(got));
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return status == 0 ? text : text + "\nthe child failed";
}

}  // namespace revdep::support
