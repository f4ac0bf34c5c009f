#include "watch/namespaces.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <exception>

#include "base/fd.h"

namespace revdep::watch {
namespace {

constexpr int not_permitted = 77;

}  // namespace

std::optional<std::string> in_namespaces(int flags, const std::function<std::string()>& work) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return "no pipe";
  base::Fd in(ends[0]);
  base::Fd out(ends[1]);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::unshare(flags) != 0) ::_exit(not_permitted);
    std::string text;
    try {
      text = work();
    } catch (const std::exception& error) {
      text = error.what();
    }
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
  if (WIFEXITED(status) && WEXITSTATUS(status) == not_permitted) return std::nullopt;
  return status == 0 ? text : text + "\nthe child failed";
}

bool set_user_limit(std::string_view name, unsigned limit) {
  const base::Fd fd(::open(("/proc/sys/user/" + std::string(name)).c_str(), O_WRONLY | O_CLOEXEC));
  const std::string text = std::to_string(limit);
  return fd && ::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

}  // namespace revdep::watch
