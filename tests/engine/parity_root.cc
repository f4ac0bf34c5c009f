#include "engine/parity_root.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <system_error>

namespace revdep::parity {
namespace {

// A program that hangs is killed by its own alarm.
constexpr unsigned patience_seconds = 20;

[[noreturn]] void fail(const std::string& action) { throw std::system_error(errno, std::generic_category(), action); }

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

struct Pipe {
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) fail("pipe");
    read = base::Fd(ends[0]);
    write = base::Fd(ends[1]);
  }
  base::Fd read;
  base::Fd write;
};

struct Birth {
  const char* root;
  const char* program;
  char* const* arguments;
  char* const* environment;
  int out;
  int err;
  unsigned uid;
  bool changes_root;
  bool new_privileges;
  int failure;  // told errno when there is no exec
};

// In the child, which shares the parent's memory: system calls only.
[[noreturn]] void become(const Birth& birth) {
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  bool good = ::dup2(nothing, 0) == 0 && ::dup2(birth.out, 1) == 1 && ::dup2(birth.err, 2) == 2;
  good = good && (!birth.changes_root || ::chroot(birth.root) == 0) && ::chdir("/") == 0;
  if (birth.uid != 0) {
    good = good && ::syscall(SYS_setresgid, birth.uid, birth.uid, birth.uid) == 0;
    good = good && ::syscall(SYS_setresuid, birth.uid, birth.uid, birth.uid) == 0;
  }
  if (!birth.new_privileges) good = good && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
  ::alarm(patience_seconds);
  if (good) ::execve(birth.program, birth.arguments, birth.environment);
  const int error = errno;
  [[maybe_unused]] const ssize_t told = ::write(birth.failure, &error, sizeof error);
  ::_exit(127);
}

// Not by fork: that copies the page tables, which are large under the sanitizers. Apart from all else that has state.
[[gnu::noinline]] pid_t start(const Birth& birth) {
  const pid_t child = ::vfork();
  if (child == 0) become(birth);
  return child;
}

void drain(std::array<std::pair<int, std::string*>, 3> streams) {
  std::array<pollfd, 3> ends{};
  for (std::size_t i = 0; i < ends.size(); ++i) ends[i] = {streams[i].first, POLLIN, 0};
  while (ends[0].fd >= 0 || ends[1].fd >= 0 || ends[2].fd >= 0) {
    if (::poll(ends.data(), ends.size(), -1) < 0 && errno != EINTR) fail("poll");
    for (std::size_t i = 0; i < ends.size(); ++i) {
      if (ends[i].fd < 0 || ends[i].revents == 0) continue;
      char chunk[4096];
      const ssize_t got = ::read(ends[i].fd, chunk, sizeof chunk);
      if (got > 0) {
        streams[i].second->append(chunk, static_cast<std::size_t>(got));
      } else if (got == 0 || errno != EINTR) {
        ends[i].fd = -1;
      }
    }
  }
}

}  // namespace

std::string enter_private_mounts() {
  static const std::string reason = []() -> std::string {
    if (::geteuid() != 0) return "needs root, for chroot and mount";
    if (::unshare(CLONE_NEWNS) != 0) return std::string("cannot have its own mounts: ") + std::strerror(errno);
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
      return std::string("cannot make its mounts private: ") + std::strerror(errno);
    }
    return "";
  }();
  return reason;
}

Scratch::Scratch() {
  if (::mount("tmpfs", directory_.string().c_str(), "tmpfs", 0, "mode=0755") != 0) fail("mount a tmpfs");
}

Scratch::~Scratch() { ::umount2(directory_.string().c_str(), MNT_DETACH | UMOUNT_NOFOLLOW); }

void Scratch::keep(const std::filesystem::path& place) const {
  std::filesystem::remove_all(place);
  support::run({"cp", "-a", directory_.string(), place.string()});
}

Root::Root(const std::string& path) : path_(path) {
  directory_ = base::Fd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory_) fail("open " + path);
  if (path == "/") return;
  const std::string proc = path + "/proc";
  if (::mkdir(proc.c_str(), 0755) != 0 && errno != EEXIST) fail("mkdir " + proc);
  if (::mount("/proc", proc.c_str(), nullptr, MS_BIND, nullptr) != 0) fail("mount " + proc);
  has_proc_ = true;
}

Root::~Root() {
  if (has_proc_) ::umount2((path_ + "/proc").c_str(), MNT_DETACH | UMOUNT_NOFOLLOW);
}

support::Outcome Root::run(const std::string& program, const Run& run) const {
  Pipe out;
  Pipe err;
  Pipe failure;  // what hinders the child before exec
  std::vector<std::string> words = run.arguments.empty() ? std::vector<std::string>{program} : run.arguments;
  std::vector<std::string> variables;
  for (const auto& [name, value] : run.environment) variables.push_back(name + '=' + value);
  const std::vector<char*> argv = pointers(words);
  const std::vector<char*> envp = pointers(variables);
  const Birth birth{path_.c_str(),   program.c_str(), argv.data(),      envp.data(),        out.write.get(),
                    err.write.get(), run.uid,         ::geteuid() == 0, run.new_privileges, failure.write.get()};
  const pid_t child = start(birth);
  if (child < 0) fail("vfork");
  out.write.reset();
  err.write.reset();
  failure.write.reset();
  support::Outcome outcome;
  std::string error;
  drain({{{out.read.get(), &outcome.out}, {err.read.get(), &outcome.err}, {failure.read.get(), &error}}});
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  if (error.size() == sizeof(int)) {
    int number = 0;
    std::memcpy(&number, error.data(), sizeof number);
    outcome.status = not_started;
    outcome.err = std::generic_category().message(number);
  }
  return outcome;
}

base::Fd Root::open(const std::string& path) const {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT;
  while (true) {
    base::Fd fd(static_cast<int>(::syscall(SYS_openat2, directory_.get(), path.c_str(), &how, sizeof how)));
    // Somewhere on the machine something was renamed or mounted while a ".." was looked up.
    if (fd || errno != EAGAIN) return fd;
  }
}

std::optional<std::string> Root::canonical(const std::string& path) const {
  const base::Fd fd = open(path);
  if (!fd) return std::nullopt;
  char target[PATH_MAX];
  const std::string link = "/proc/self/fd/" + std::to_string(fd.get());
  const ssize_t length = ::readlink(link.c_str(), target, sizeof target);
  if (length < 0) return std::nullopt;
  std::string absolute(target, static_cast<std::size_t>(length));
  if (path_ == "/") return absolute;
  return absolute.size() > path_.size() ? absolute.substr(path_.size()) : "/";
}

std::pair<unsigned long, unsigned long> Root::identity(const std::string& path) const {
  const base::Fd fd = open(path);
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) return {};
  return {status.st_dev, status.st_ino};
}

}  // namespace revdep::parity
