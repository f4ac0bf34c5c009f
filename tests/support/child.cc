#include "support/child.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <exception>

#include "base/fd.h"

namespace revdep::support {
namespace {

constexpr int not_prepared = 77;

// nullopt: `prepare` failed in the child.
std::optional<std::string> in_child(const std::function<bool()>& prepare, const std::function<std::string()>& work) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return "no pipe";
  base::Fd in(ends[0]);
  base::Fd out(ends[1]);
  const pid_t child = ::fork();
  if (child == 0) {
    if (!prepare()) ::_exit(not_prepared);
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
  if (WIFEXITED(status) && WEXITSTATUS(status) == not_prepared) return std::nullopt;
  return status == 0 ? text : text + "\nthe child failed";
}

}  // namespace

std::string as_ordinary_user(const std::function<std::string()>& work) {
  const auto become = [] {
    return ::setgroups(0, nullptr) == 0 && ::setgid(ordinary_user) == 0 && ::setuid(ordinary_user) == 0;
  };
  return in_child(become, work).value_or("could not become an ordinary user");
}

std::optional<std::string> in_namespaces(int flags, const std::function<std::string()>& work) {
  return in_child([flags] { return ::unshare(flags) == 0; }, work);
}

bool set_user_limit(std::string_view name, unsigned limit) {
  const base::Fd fd(::open(("/proc/sys/user/" + std::string(name)).c_str(), O_WRONLY | O_CLOEXEC));
  const std::string text = std::to_string(limit);
  return fd && ::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

}  // namespace revdep::support
