#include "daemon/daemon_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "support/temp_dir.h"

namespace revdep::daemon {
namespace {

constexpr std::chrono::seconds longest_wait{60};

std::int64_t now_ms() {
  using std::chrono::milliseconds;
  return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::int64_t deadline() { return now_ms() + std::chrono::milliseconds(longest_wait).count(); }

base::Fd watch(const std::string& directory) {
  base::Fd inotify(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  constexpr std::uint32_t mask = IN_MOVED_TO | IN_MODIFY | IN_ATTRIB | IN_CREATE;
  if (::inotify_add_watch(inotify.get(), directory.c_str(), mask) < 0) {
    throw std::system_error(errno, std::generic_category(), directory);
  }
  return inotify;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> environment_with(const support::Environment& added) {
  std::vector<std::string> variables = {"LC_ALL=C", "PATH=/usr/bin:/bin"};
  // Sanitizers take their options from there.
  for (const char* const name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"}) {
    if (const char* const value = std::getenv(name)) variables.push_back(std::string(name) + '=' + value);
  }
  for (const auto& [name, value] : added) variables.push_back(name + '=' + value);
  return variables;
}

}  // namespace

DaemonProcess::DaemonProcess(std::string root, const std::vector<std::string>& more,
                             const support::Environment& environment, const std::vector<std::string>& launcher)
    : root_(std::move(root)) {
  std::filesystem::create_directories(root_ + "/run/revdep-pax");
  const std::string log_file = root_ + "/daemon.log";
  std::vector<std::string> words = launcher;
  for (const std::string& word :
       {std::string(REVDEP_PAXD), std::string("--root"), root_, "--log-target=file:" + log_file}) {
    words.push_back(word);
  }
  words.insert(words.end(), more.begin(), more.end());
  for (const std::string usual : {"--settle=0", "--log-level=debug"}) {
    const std::string name = usual.substr(0, usual.find('=') + 1);
    if (std::ranges::none_of(more, [&](const std::string& word) { return word.starts_with(name); })) {
      words.push_back(usual);
    }
  }
  std::vector<std::string> variables = environment_with(environment);
  const std::string errors = root_ + "/daemon.stderr";
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  // Lest one that outlives a crashed test keeps whoever reads the test's output waiting.
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  const std::string program = words.front();
  const int error =
      ::posix_spawnp(&pid_, program.c_str(), &actions, nullptr, pointers(words).data(), pointers(variables).data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::system_error(error, std::generic_category(), program);
  process_ = base::Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  if (!process_) throw std::system_error(errno, std::generic_category(), "pidfd_open");
}

DaemonProcess::~DaemonProcess() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGKILL);
  wait();
}

void DaemonProcess::wait_for_event(const base::Fd& inotify, std::int64_t until) const {
  const std::int64_t left = until - now_ms();
  if (left <= 0) throw std::runtime_error("the daemon keeps the test waiting:\n" + log());
  std::array<pollfd, 2> ready = {{{inotify.get(), POLLIN, 0}, {process_.get(), POLLIN, 0}}};
  ::poll(ready.data(), ready.size(), static_cast<int>(left));
  if (ready[1].revents != 0) {
    throw std::runtime_error("the daemon has ended:\n" + log() + support::read_file(root_ + "/daemon.stderr"));
  }
  std::array<char, 4096> events{};
  while (::read(inotify.get(), events.data(), events.size()) > 0) continue;
}

nlohmann::json DaemonProcess::wait_until(const std::function<bool(const Json&)>& is_so) {
  const std::string file = root_ + "/run/revdep-pax/status.json";
  const base::Fd inotify = watch(root_ + "/run/revdep-pax");
  for (const std::int64_t until = deadline();; wait_for_event(inotify, until)) {
    if (!std::filesystem::exists(file)) continue;
    Json status = Json::parse(support::read_file(file));
    // What another one left behind says nothing of this one.
    if (status["pid"] == pid_ && is_so(status)) return status;
  }
}

nlohmann::json DaemonProcess::wait_for_turn(std::uint64_t turns) {
  return wait_until([turns](const Json& status) { return status["turns"] > turns && status["idle"] == true; });
}

void DaemonProcess::wait_for_file(const std::string& path, const std::function<bool()>& is_so) {
  const base::Fd inotify = watch(std::filesystem::path(path).parent_path());
  for (const std::int64_t until = deadline(); !is_so();) wait_for_event(inotify, until);
}

void DaemonProcess::send(int signal) const { ::kill(pid_, signal); }

int DaemonProcess::wait() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
  pid_ = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int DaemonProcess::end() {
  send(SIGTERM);
  return wait();
}

std::string DaemonProcess::log() const {
  const std::string file = root_ + "/daemon.log";
  return std::filesystem::exists(file) ? support::read_file(file) : "";
}

std::size_t DaemonProcess::count_in_log(const std::string& words) const {
  std::size_t count = 0;
  const std::string text = log();
  for (std::size_t at = 0; (at = text.find(words, at)) != std::string::npos; at += words.size()) ++count;
  return count;
}

support::Outcome run_daemon(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {REVDEP_PAXD};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return support::run(words);
}

support::Outcome run_program(const std::string& root, const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {REVDEP_PAX, "--root", root};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return support::run(words);
}

std::string flags(const std::string& file) {
  std::array<char, 64> value{};
  const ssize_t size = ::getxattr(file.c_str(), "user.pax.flags", value.data(), value.size());
  return size < 0 ? "none" : std::string(value.data(), static_cast<std::size_t>(size));
}

}  // namespace revdep::daemon
